import { type Job, LongshoreError } from '@longshore/contract';
import { JobNotInTime, type JobWaits } from './job-waits.ts';

export interface WaitOptions {
  /** Default: for ever. */
  timeoutSeconds?: number | undefined;
}

type CompletedJob = Extract<Job, { state: 'completed' }>;

/**
 * Waits until a job is completed.
 * Rejects with JOB_FAILED (its `cause` is the job's own error), JOB_CANCELLED, or TIMEOUT when it is not final in time.
 */
export const waitForJob = async (
  waits: JobWaits,
  id: string,
  options: WaitOptions = {},
): Promise<CompletedJob> => {
  const { timeoutSeconds = Number.POSITIVE_INFINITY } = options;
  try {
    return requireCompleted(await waits.untilFinal(id, performance.now() + timeoutSeconds * 1_000));
  } catch (error) {
    if (!(error instanceof JobNotInTime)) throw error;
    throw new LongshoreError('TIMEOUT', `Job ${id} was not finished within ${timeoutSeconds} s.`, {
      hint: 'The job goes on; wait again, or cancel it.',
    });
  }
};

const requireCompleted = (job: Job): CompletedJob => {
  switch (job.state) {
    case 'completed':
      return job;
    case 'failed':
      throw new LongshoreError('JOB_FAILED', `Job ${job.id} (${job.kind}) failed: ${job.error.message}`, {
        cause: job.error,
      });
    case 'cancelled':
      throw new LongshoreError('JOB_CANCELLED', `Job ${job.id} (${job.kind}) was cancelled${reasonOf(job)}.`);
    default:
      throw new LongshoreError('INTERNAL', `The server answered a wait with a job that is ${job.state}.`);
  }
};

const reasonOf = (job: Extract<Job, { state: 'cancelled' }>): string => (job.reason ? `: ${job.reason}` : '');
