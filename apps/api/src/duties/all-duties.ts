import { createDueReads, createHistoryTrim, type Database, type JobLifecycle } from '@longshore/db';
import { createDutyRunner, type DutyRunner } from './duty-runner.ts';
import { createPromoteDuty } from './promote-due-jobs.ts';
import { createPruneDuty } from './prune-history.ts';
import { createRescueDuty } from './rescue-dead-sessions.ts';
import { createSweepDuty } from './sweep-parked-claims.ts';
import { createTimeOutDuty } from './time-out-overdue-jobs.ts';
import { createTouchDuty, type UsedKeys } from './touch-used-keys.ts';
import { createTrimDuty } from './trim-queues.ts';
import { createUnblockDuty } from './unblock-dependants.ts';

export interface AllDutiesOptions {
  db: Database;
  lifecycle: JobLifecycle;
  claimDesk: { sweep(): number };
  usedKeys: UsedKeys;
  sweepSeconds: number;
  keepDays: number;
  cancelGraceSeconds: number;
  onError(duty: string, error: unknown): void;
}

/** Everything a process does in the background. */
export interface AllDuties extends Pick<DutyRunner, 'start' | 'stop'> {
  /** A job was scheduled, perhaps for sooner than the next look. */
  promoteSoon(): void;
}

export const createAllDuties = (options: AllDutiesOptions): AllDuties => {
  const { lifecycle, onError } = options;
  const due = createDueReads(options.db);
  const promote = createPromoteDuty({ due, lifecycle, onError });
  const { start, stop, hurry } = createDutyRunner({
    duties: [
      createPruneDuty({ lifecycle, keepDays: options.keepDays }),
      createSweepDuty(options.claimDesk, options.sweepSeconds),
      promote,
      createUnblockDuty({ due, lifecycle, onError }),
      createTimeOutDuty({ due, lifecycle, cancelGraceSeconds: options.cancelGraceSeconds, onError }),
      createTouchDuty(options.usedKeys),
      createTrimDuty({ history: createHistoryTrim(options.db), onError }),
      createRescueDuty({ due, lifecycle, onError }),
    ],
    onError,
  });
  return { start, stop, promoteSoon: () => hurry(promote.name) };
};
