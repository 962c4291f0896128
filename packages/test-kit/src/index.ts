export { type EventuallyOptions, eventually } from './eventually.ts';
export { openEvidenceLog, payloadCanary } from './evidence.ts';
export { canExplainNested, explainNested, type NestedPlan, type PlanNode } from './explain-nested.ts';
export { type Gate, gate } from './gate.ts';
export { findPgBouncer, type Pooler, type PoolerOptions, startPooler } from './pooler.ts';
export { readSchema } from './read-schema.ts';
export { type SteeredClock, steerClock } from './steer-clock.ts';
export {
  type Chance,
  isHttpAnswer,
  isPostgresAnswer,
  type Link,
  startTcpProxy,
  type Target,
  type TcpProxy,
  type TcpProxyOptions,
  type Trouble,
  targetAt,
} from './tcp-proxy.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { type TestApi, type TestKeys, type UseApiOptions, useApi } from './use-api.ts';
export { useDatabase } from './use-database.ts';
export { usePooler } from './use-pooler.ts';
