import type { JobLifecycle } from '@longshore/db';
import type { Duty } from './duty.ts';

export interface PruneOptions {
  lifecycle: Pick<JobLifecycle, 'ensurePartitions' | 'prune'>;
  /** How long finished jobs are kept. */
  keepDays: number;
}

/** Makes the partitions of the coming days and drops what is past its retention. Runs soon after the start, then hourly. */
export const createPruneDuty = ({ lifecycle, keepDays }: PruneOptions): Duty => ({
  name: 'prune-history',
  intervalMs: 3_600_000,
  batchMax: 10_000,
  runOnce: async () => {
    await lifecycle.ensurePartitions();
    const { rowsDeleted } = await lifecycle.prune({ keepDays });
    return rowsDeleted;
  },
});
