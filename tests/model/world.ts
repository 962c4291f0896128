import type { JobState } from '@longshore/contract';

/** A job as the model has it. Times are seconds on the model's clock. */
export interface ModelJob {
  id: string;
  priority: number;
  state: JobState;
  /** Place in line, as the database drew it; the model foretells only that it is a new one, larger than all before. */
  orderKey: bigint;
  /** Null when only the database knows it, as a random part decides. */
  runAt: number | null;
  epoch: number;
  attempt: number;
  maxAttempts: number;
  rescues: number;
  sessionId: string | null;
  startedAt: number | null;
  timeoutSeconds: number | null;
  cancelRequestedAt: number | null;
  /** Parents that are not settled yet, and those that have finished, with how they did; settled ones go at the next unblock. */
  parents: Map<string, JobState | null>;
  onDependencyFailure: 'cancel' | 'run';
  finishedAt: number | null;
  /** The epoch whose lease finished it; null when none did. */
  finishedByEpoch: number | null;
}

export interface ModelSession {
  id: string;
  workerId: string;
  heartbeatAt: number;
  isOpen: boolean;
}

/** One org: what its tables should hold. */
export interface World {
  now: number;
  jobs: Map<string, ModelJob>;
  sessions: Map<string, ModelSession>;
  isPaused: boolean;
  /** By idempotency key. */
  keys: Map<string, { jobId: string; input: string; holdSeconds: number }>;
}

/** What proves that somebody holds, or once held, a job: the token of its epoch stands behind it. */
export interface ModelLease {
  id: string;
  epoch: number;
}

export const leaseSeconds = 15;
export const strayGraceSeconds = 10;
export const cancelGraceSeconds = 30;
export const rescuesMax = 3;

export const newWorld = (): World => ({
  now: 0,
  jobs: new Map(),
  sessions: new Map(),
  isPaused: false,
  keys: new Map(),
});

export const newJob = (id: string, now: number, given: Partial<ModelJob> = {}): ModelJob => ({
  id,
  priority: 0,
  state: 'available',
  orderKey: 0n,
  runAt: now,
  epoch: 0,
  attempt: 0,
  maxAttempts: 3,
  rescues: 0,
  sessionId: null,
  startedAt: null,
  timeoutSeconds: null,
  cancelRequestedAt: null,
  parents: new Map(),
  onDependencyFailure: 'cancel',
  finishedAt: null,
  finishedByEpoch: null,
  ...given,
});

export const isFinished = ({ state }: ModelJob): boolean =>
  state === 'completed' || state === 'cancelled' || state === 'failed';

/** Whether this very lease is the job's present one. */
export const isHeld = (job: ModelJob | undefined, { epoch }: ModelLease): boolean =>
  job?.state === 'running' && job.epoch === epoch;

/** The jobs of these ids that exist, each once. */
export const jobsOf = (world: World, ids: readonly string[]): ModelJob[] =>
  [...new Set(ids)].flatMap((id) => world.jobs.get(id) ?? []);

export const runningOf = (world: World, sessionId: string): ModelJob[] =>
  [...world.jobs.values()].filter((job) => job.state === 'running' && job.sessionId === sessionId);
