import type { DueReads, JobLifecycle } from '@longshore/db';
import { createByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface PromoteOptions {
  due: Pick<DueReads, 'dueJobs' | 'secondsToNextDue'>;
  lifecycle: Pick<JobLifecycle, 'promote'>;
  /** Told of each org that failed. */
  onError(duty: string, error: unknown): void;
}

/** Makes scheduled jobs available when their time has come. */
export const createPromoteDuty = ({ due, lifecycle, onError }: PromoteOptions): Duty => {
  const name = 'promote-due-jobs';
  const byOrg = createByOrg({ onError: (error) => onError(name, error) });
  const batchMax = 1_000;
  let isSomeLeft = false;
  /** Where the next look begins: behind a full batch of which some were left, or those would fill every batch. */
  let after: string | null = null;
  return {
    name,
    intervalMs: 1_000,
    batchMax,
    runOnce: async () => {
      const isPassingOn = after !== null;
      const dueJobs = await due.dueJobs(batchMax, after);
      const promoted = await byOrg(dueJobs, (orgId, jobs) => {
        const jobIds = jobs.map(({ id }) => id);
        return lifecycle.promote(orgId, jobIds);
      });
      const areSomeLeft = promoted < dueJobs.length;
      isSomeLeft = areSomeLeft || (isPassingOn && isSomeLeft);
      after = areSomeLeft && dueJobs.length === batchMax ? dueJobs.at(-1)!.runAt : null;
      return after === null ? promoted : batchMax;
    },
    untilNextMs: async () => {
      const seconds = await due.secondsToNextDue();
      // Not more often, however close together jobs fall due, and less so while somebody else holds one that is due locked.
      const pauseMs = isSomeLeft ? 100 : 10;
      return seconds === null ? Number.POSITIVE_INFINITY : Math.max(pauseMs, seconds * 1_000);
    },
  };
};
