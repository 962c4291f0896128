import { type Job, LongshoreError, limits } from '@longshore/contract';
import type { ApiClient } from './api-client.ts';

export interface WaitOptions {
  /** Default: for ever. */
  timeoutSeconds?: number | undefined;
}

type CompletedJob = Extract<Job, { state: 'completed' }>;

/** What a request may take beyond the wait it asks for. */
const answerMs = 10_000;

/**
 * Waits until a job is completed.
 * Rejects with JOB_FAILED (its `cause` is the job's own error), JOB_CANCELLED, or TIMEOUT when it is not final in time.
 */
export const waitForJob = async (
  api: ApiClient,
  id: string,
  options: WaitOptions = {},
): Promise<CompletedJob> => {
  const { timeoutSeconds = Number.POSITIVE_INFINITY } = options;
  const deadlineMs = performance.now() + timeoutSeconds * 1_000;
  for (;;) {
    const leftSeconds = Math.max(0, (deadlineMs - performance.now()) / 1_000);
    const waitSeconds = Math.min(limits.waitSecondsMax, leftSeconds);
    const { job } = await api.jobs.wait({ id, waitSeconds }, { timeoutMs: waitSeconds * 1_000 + answerMs });
    if (job) return requireCompleted(job);
    if (performance.now() >= deadlineMs) {
      throw new LongshoreError('TIMEOUT', `Job ${id} was not finished within ${timeoutSeconds} s.`, {
        hint: 'The job goes on; wait again, or cancel it.',
      });
    }
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
