import { capabilityOfModel, limits } from '@longshore/contract';
import type { RegisteringWorker } from './connection-handler.ts';
import type { Engine } from './open-engine.ts';
import type { WorkerInfo, WorkerServerLogger } from './types.ts';

export interface WorkerSessionsOptions {
  engine: Engine;
  logger: WorkerServerLogger;
  heartbeatTimeoutMs: number;
  /** Those that are connected now. */
  listWorkers(): WorkerInfo[];
}

/** The connected workers as sessions of the engine, so that `workers.list` and dashboards see them. */
export interface WorkerSessions {
  open(worker: RegisteringWorker): Promise<string>;
  close(sessionId: string): void;
  stop(): Promise<void>;
}

export const startWorkerSessions = (options: WorkerSessionsOptions): WorkerSessions => {
  const { engine, logger, heartbeatTimeoutMs, listWorkers } = options;
  const leaseSeconds = Math.min(
    Math.max((3 * heartbeatTimeoutMs) / 1_000, limits.leaseSecondsMin),
    limits.leaseSecondsMax,
  );
  const underWay = new Set<Promise<void>>();

  const run = (work: Promise<unknown>): void => {
    const mine = work
      .then(() => {})
      .catch(() => logger.warn('the session of a worker could not be kept', {}))
      .finally(() => underWay.delete(mine));
    underWay.add(mine);
  };

  const beat = (): void => {
    const sessions = listWorkers()
      .filter(({ status }) => status !== 'unhealthy')
      .map(({ sessionId, status }) => ({ sessionId, held: [], isDraining: status === 'draining' }));
    if (sessions.length > 0) run(engine.verbs.heartbeat(engine.orgId, sessions));
  };

  const timer = setInterval(beat, (leaseSeconds * 1_000) / 3);
  return {
    open: ({ workerId, workerName, capabilities }) =>
      engine.openSession({
        capabilities: capabilities.models.map(capabilityOfModel),
        concurrency: capabilities.maxConcurrentRequests,
        host:
          workerName === workerId ? workerId : `${workerName} (${workerId})`.slice(0, limits.nameCharsMax),
        leaseSeconds,
        ...(capabilities.concurrencyLimits && { concurrencyLimits: capabilities.concurrencyLimits }),
      }),
    close: (sessionId) => run(engine.closeSession(sessionId)),
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
};
