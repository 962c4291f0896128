export {
  type AuditEntry,
  type AuditPage,
  type Backoff,
  type BatchStatus,
  type ErrorBody,
  type ErrorCode,
  type Job,
  type JobError,
  type JobEvent,
  type JobPage,
  type JobState,
  type JsonValue,
  type ListAuditInput,
  type ListJobsInput,
  LongshoreError,
  type OrgStats,
  type OutputLine,
  type QueueStats,
  type SubmitOptions,
} from '@longshore/contract';
export { type AdminClient, createAdminClient, type Identity } from './admin-client.ts';
export { type ApiClient, createApiClient } from './api-client.ts';
export { type Client, createClient, type HandlesOf, type JobPosition } from './client.ts';
export {
  defineJob,
  type Handle,
  type JobDefaults,
  type JobDefinition,
  type JobHandler,
  type JobRequest,
  type JobSpec,
  type JobTypes,
  type TypesOf,
} from './define-job.ts';
export type { JobContext, JobInfo } from './job-context.ts';
export { FatalError, RetryAfterError, SnoozeError } from './job-errors.ts';
export type { JobHandle } from './job-handle.ts';
export type { TypedJob } from './read-job.ts';
export type { StandardSchemaV1 } from './standard-schema.ts';
export {
  type KyselyTransaction,
  type PgTransaction,
  type SqlTransaction,
  type SubmitInOptions,
  submitIn,
} from './submit-in.ts';
export type { Connection } from './transport.ts';
export type { WaitOptions } from './wait-for-job.ts';
export { createWorker, type Worker, type WorkerOptions } from './worker.ts';
export type { WorkerActivity, WorkerEvents } from './worker-events.ts';
