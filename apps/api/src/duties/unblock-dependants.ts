import type { DueReads, JobLifecycle } from '@longshore/db';
import { createKeyedGatherer } from '../gatherer.ts';
import { createByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface UnblockOptions {
  due: Pick<DueReads, 'orgsToUnblock'>;
  lifecycle: Pick<JobLifecycle, 'unblock'>;
  /** Told of each org that failed. */
  onError(duty: string, error: unknown): void;
}

/** Lets jobs go whose parents are finished, where nobody did so at once: the process that finished them may have died. */
export const createUnblockDuty = ({ due, lifecycle, onError }: UnblockOptions): Duty => {
  const name = 'unblock-dependants';
  const byOrg = createByOrg({ onError: (error) => onError(name, error) });
  const batchMax = 100;
  return {
    name,
    intervalMs: 5_000,
    batchMax,
    runOnce: async () => {
      const orgIds = await due.orgsToUnblock(batchMax);
      return byOrg(
        orgIds.map((orgId) => ({ orgId })),
        (orgId) => lifecycle.unblock(orgId),
      );
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
