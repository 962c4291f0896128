import type { DueReads, JobLifecycle } from '@longshore/db';
import { doByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface PromoteOptions {
  due: Pick<DueReads, 'dueJobs' | 'secondsToNextDue'>;
  lifecycle: Pick<JobLifecycle, 'promote'>;
}

/** Makes scheduled jobs available when their time has come. */
export const createPromoteDuty = ({ due, lifecycle }: PromoteOptions): Duty => {
  const batchMax = 1_000;
  return {
    name: 'promote-due-jobs',
    intervalMs: 1_000,
    batchMax,
    runOnce: async () =>
      doByOrg(await due.dueJobs(batchMax), (orgId, jobs) => {
        const jobIds = jobs.map(({ id }) => id);
        return lifecycle.promote(orgId, jobIds);
      }),
    untilNextMs: async () => {
      const seconds = await due.secondsToNextDue();
      // Not more often than every 10 ms, however close together jobs fall due.
      return seconds === null ? Number.POSITIVE_INFINITY : Math.max(10, seconds * 1_000);
    },
  };
};
