import type { ReleaseItem } from '@longshore/contract';
import { createWaiters } from './waiters.ts';

interface HeldJob {
  leaseToken: string;
  /** What was said of the job before: its messages take effect in their order. Never rejects. */
  turn: Promise<void>;
  isCancelTold: boolean;
}

/** The jobs that a connection's worker works on. Their lease tokens stay here. */
export interface HeldJobs {
  readonly size: number;
  hold(lease: ReleaseItem): void;
  /** False when it was not held any more, or by another lease. */
  drop(lease: ReleaseItem): boolean;
  leaseOf(id: string): ReleaseItem | undefined;
  leases(): ReleaseItem[];
  /** Runs the work once what was begun for the same job before is done or has failed. Rejects as the work does. */
  inTurn(id: string, work: () => Promise<void>): Promise<void>;
  /** True the first time it is asked for a job that is held. */
  shouldTellCancel(lease: ReleaseItem): boolean;
  /** Resolves when fewer are held than now, or when the signal is aborted. */
  untilDropped(signal: AbortSignal): Promise<void>;
}

export const createHeldJobs = (): HeldJobs => {
  const jobs = new Map<string, HeldJob>();
  const waiters = createWaiters();

  const find = ({ id, leaseToken }: ReleaseItem): HeldJob | undefined => {
    const job = jobs.get(id);
    return job?.leaseToken === leaseToken ? job : undefined;
  };

  return {
    get size() {
      return jobs.size;
    },
    hold: ({ id, leaseToken }) => {
      jobs.set(id, { leaseToken, turn: Promise.resolve(), isCancelTold: false });
    },
    drop: (lease) => {
      if (!find(lease)) return false;
      jobs.delete(lease.id);
      waiters.wakeAll();
      return true;
    },
    leaseOf: (id) => {
      const job = jobs.get(id);
      return job && { id, leaseToken: job.leaseToken };
    },
    leases: () => Array.from(jobs, ([id, { leaseToken }]) => ({ id, leaseToken })),
    inTurn: (id, work) => {
      const job = jobs.get(id);
      if (!job) return work();
      const mine = job.turn.then(work);
      job.turn = mine.catch(() => {});
      return mine;
    },
    shouldTellCancel: (lease) => {
      const job = find(lease);
      if (!job || job.isCancelTold) return false;
      job.isCancelTold = true;
      return true;
    },
    untilDropped: waiters.join,
  };
};
