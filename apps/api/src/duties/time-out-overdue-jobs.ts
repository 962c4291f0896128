import type { DueReads, JobLifecycle } from '@longshore/db';
import { createByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface TimeOutOptions {
  due: Pick<DueReads, 'orgsToTimeOut'>;
  lifecycle: Pick<JobLifecycle, 'timeOut'>;
  /** As the lifecycle has it. */
  cancelGraceSeconds?: number;
  /** Told of each org that failed. */
  onError(duty: string, error: unknown): void;
}

/** Ends attempts that ran past their deadline, or past the grace after a cancel. */
export const createTimeOutDuty = ({ due, lifecycle, cancelGraceSeconds, onError }: TimeOutOptions): Duty => {
  const name = 'time-out-overdue-jobs';
  const byOrg = createByOrg({ onError: (error) => onError(name, error) });
  const batchMax = 100;
  return {
    name,
    intervalMs: 1_000,
    batchMax,
    runOnce: async () => {
      const orgIds = await due.orgsToTimeOut(batchMax, cancelGraceSeconds);
      return byOrg(
        orgIds.map((orgId) => ({ orgId })),
        (orgId) => lifecycle.timeOut(orgId),
      );
    },
  };
};
