import { LongshoreError, uuidV7 } from '@longshore/contract';
import { type Client, createClient } from '../client.ts';
import { anyJob } from './any-job.ts';
import { type FormConnection, readConnection } from './form-connection.ts';
import { type AnyJob, isRunningJob, type PendingJob, type RunningJob, toAnyJob } from './job-shapes.ts';
import { reportProgressOf } from './running-jobs.ts';

/** The jobs of an org in the form of `AnyJob`. All but `updateJob` take a key of role submit or admin. */
export interface JobQueue {
  /** Stores a job; the same id again finds the first one. Its id is one of `newJobId()`. */
  createJob(job: PendingJob): Promise<void>;
  /** null when there is none. */
  getJob(id: string): Promise<AnyJob | null>;
  /**
   * Reports the progress in the copy of a job that this process runs. Sent a few times a second at most, the last value
   * wins. Rejects with INVALID_STATE for any other change (Longshore moves jobs itself), LEASE_LOST for a run that is over.
   */
  updateJob(job: AnyJob, oldStatus?: AnyJob['status']): Promise<void>;
  /** True when the job is cancelled, or has been asked to stop; false when it had ended before. */
  cancelJob(id: string): Promise<boolean>;
}

/** A new id for `createJob`. */
export const newJobId = (): string => uuidV7();

let connection: FormConnection = {};
let shared: JobQueue | undefined;

/** Says how `getJobQueue()` connects. Without it the environment says so: LONGSHORE_URL, LONGSHORE_API_KEY. */
export const initializeJobQueue = async (options: FormConnection = {}): Promise<JobQueue> => {
  readConnection(options);
  connection = options;
  shared = createJobQueue(() => connection);
  return shared;
};

/** The one queue of this process. Connects when it is first used for more than `updateJob`. */
export const getJobQueue = (): JobQueue => {
  shared ??= createJobQueue(() => connection);
  return shared;
};

const createJobQueue = (connectionOf: () => FormConnection): JobQueue => {
  let connected: Client | undefined;
  const client = (): Client => {
    connected ??= createClient(readConnection(connectionOf()));
    return connected;
  };

  return {
    createJob: async ({ metadata: { id, type, userId, maxRetries }, params }) => {
      await client().submit(anyJob(type), params, {
        id,
        maxAttempts: maxRetries + 1,
        ...(userId !== null && { metadata: { userId } }),
      });
    },
    getJob: (id) =>
      client()
        .get(id)
        .then(toAnyJob, (error) => answerFor(error, 'NOT_FOUND', null)),
    updateJob: async (job, oldStatus) => {
      if (!isRunningJob(job) || (oldStatus !== undefined && oldStatus !== 'running')) throw movesItself(job);
      if (!reportProgressOf(job)) throw runIsOver(job);
    },
    cancelJob: async (id) => {
      const cancelled = client()
        .cancel(id)
        .then(() => true);
      return cancelled.catch((error) => answerFor(error, 'INVALID_STATE', false));
    },
  };
};

const answerFor = <Answer>(error: unknown, code: string, answer: Answer): Answer => {
  if (error instanceof LongshoreError && error.code === code) return answer;
  throw error;
};

const movesItself = (job: AnyJob): LongshoreError =>
  new LongshoreError('INVALID_STATE', `A job is not made ${job.status} by an update.`, {
    hint: 'Return from executeJob to complete it, throw to fail it, call cancelJob to cancel it.',
  });

const runIsOver = (job: RunningJob): LongshoreError =>
  new LongshoreError('LEASE_LOST', `This process does not run job ${job.metadata.id} any more.`, {
    hint: 'Give updateJob a copy of the job that executeJob was called with.',
  });
