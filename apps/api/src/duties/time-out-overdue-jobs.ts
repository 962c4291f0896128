import type { DueReads, JobLifecycle } from '@longshore/db';
import type { Duty } from './duty.ts';

export interface TimeOutOptions {
  due: Pick<DueReads, 'orgsToTimeOut'>;
  lifecycle: Pick<JobLifecycle, 'timeOut'>;
}

/** Ends attempts that ran past their deadline, or past the grace after a cancel. */
export const createTimeOutDuty = ({ due, lifecycle }: TimeOutOptions): Duty => {
  const batchMax = 100;
  return {
    name: 'time-out-overdue-jobs',
    intervalMs: 1_000,
    batchMax,
    runOnce: async () => {
      const orgIds = await due.orgsToTimeOut(batchMax);
      for (const orgId of orgIds) await lifecycle.timeOut(orgId);
      return orgIds.length;
    },
  };
};
