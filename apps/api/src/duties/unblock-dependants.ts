import type { DueReads, JobLifecycle } from '@longshore/db';
import { createKeyedGatherer } from '../gatherer.ts';
import type { Duty } from './duty.ts';

export interface UnblockOptions {
  due: Pick<DueReads, 'orgsToUnblock'>;
  lifecycle: Pick<JobLifecycle, 'unblock'>;
}

/** Lets jobs go whose parents are finished, where nobody did so at once: the process that finished them may have died. */
export const createUnblockDuty = ({ due, lifecycle }: UnblockOptions): Duty => {
  const batchMax = 100;
  return {
    name: 'unblock-dependants',
    intervalMs: 5_000,
    batchMax,
    runOnce: async () => {
      const orgIds = await due.orgsToUnblock(batchMax);
      for (const orgId of orgIds) await lifecycle.unblock(orgId);
      return orgIds.length;
    },
  };
};

/** Does the same for one org right after a finish that others wait for; finishes during a run share the next one. */
export const createUnblocker = (
  lifecycle: Pick<JobLifecycle, 'unblock'>,
  onError: (error: unknown) => void,
): ((orgId: number) => void) => {
  const unblock = createKeyedGatherer(
    async (orgId: number, finishes: null[]) => {
      await lifecycle.unblock(orgId);
      return finishes;
    },
    { itemsMax: Number.POSITIVE_INFINITY },
  );
  return (orgId) => void unblock(orgId, [null]).catch(onError);
};
