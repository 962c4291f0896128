import type { Job, JsonValue } from '@longshore/contract';

/** What is known of a job in every status. Times are ISO 8601 instants. */
export interface JobMetadata {
  id: string;
  type: string;
  /** The `userId` in the job's metadata; null when whoever submitted it gave none. */
  userId: string | null;
  created: string;
  /** Tries that failed before this one. */
  retryCount: number;
  /** Tries after the first: n allows n + 1 in all. */
  maxRetries: number;
}

interface JobShape<Params> {
  metadata: JobMetadata;
  params: Params;
}

export interface PendingJob<Params = unknown> extends JobShape<Params> {
  status: 'pending';
}

export interface RunningJob<Params = unknown, Progress = unknown> extends JobShape<Params> {
  status: 'running';
  startedAt: string;
  /** An empty object until something was reported. */
  progress: Partial<Progress>;
}

export interface CompleteJob<Params = unknown, Result = unknown> extends JobShape<Params> {
  status: 'complete';
  startedAt: string;
  completedAt: string;
  result: Result;
}

export interface FailedJob<Params = unknown> extends JobShape<Params> {
  status: 'failed';
  startedAt?: string;
  completedAt: string;
  error: string;
}

export interface CancelledJob<Params = unknown> extends JobShape<Params> {
  status: 'cancelled';
  startedAt?: string;
  completedAt: string;
}

/** A job by its `status`: a result can only be read from a complete one, an error from a failed one. */
export type AnyJob = PendingJob | RunningJob | CompleteJob | FailedJob | CancelledJob;
export type JobStatus = AnyJob['status'];

/** Whether the job waits, for whatever reason. */
export const isPendingJob = (job: AnyJob): job is PendingJob => job.status === 'pending';
/** Whether the job runs; then it has a start and a progress. */
export const isRunningJob = (job: AnyJob): job is RunningJob => job.status === 'running';
/** Whether the job is done; then it has a result. */
export const isCompleteJob = (job: AnyJob): job is CompleteJob => job.status === 'complete';
/** Whether the last try of the job has failed; then it has an error. */
export const isFailedJob = (job: AnyJob): job is FailedJob => job.status === 'failed';
/** Whether the job was cancelled; one that has only been asked to stop still runs. */
export const isCancelledJob = (job: AnyJob): job is CancelledJob => job.status === 'cancelled';

/** What a claimed job and a stored one have in common. */
type JobFacts = Pick<Job, 'id' | 'kind' | 'metadata' | 'createdAt' | 'maxAttempts'>;

/** `failedTries` counts those that ended before the present one. */
export const toJobMetadata = (job: JobFacts, failedTries: number): JobMetadata => ({
  id: job.id,
  type: job.kind,
  userId: userIdOf(job.metadata),
  created: job.createdAt,
  retryCount: Math.max(0, failedTries),
  maxRetries: job.maxAttempts - 1,
});

/** A stored job in this form. What waits, for whatever reason, is pending. */
export const toAnyJob = (job: Job): AnyJob => {
  const isBetweenTries = job.state === 'blocked' || job.state === 'scheduled' || job.state === 'available';
  const metadata = toJobMetadata(job, isBetweenTries ? job.attempt : job.attempt - 1);
  const shape = { metadata, params: job.payload };
  const lastStart = job.attempts.at(-1)?.startedAt;
  const started = lastStart ? { startedAt: lastStart } : {};
  switch (job.state) {
    case 'running':
      return { ...shape, status: 'running', startedAt: job.startedAt, progress: job.progress ?? {} };
    case 'completed':
      return {
        ...shape,
        status: 'complete',
        startedAt: job.startedAt,
        completedAt: job.finishedAt,
        result: job.result,
      };
    case 'failed':
      return {
        ...shape,
        ...started,
        status: 'failed',
        completedAt: job.finishedAt,
        error: job.error.message,
      };
    case 'cancelled':
      return { ...shape, ...started, status: 'cancelled', completedAt: job.finishedAt };
    default:
      return { ...shape, status: 'pending' };
  }
};

const userIdOf = (metadata: { [key: string]: JsonValue } | null): string | null =>
  typeof metadata?.userId === 'string' ? metadata.userId : null;
