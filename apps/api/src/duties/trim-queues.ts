import type { HistoryTrim } from '@longshore/db';
import { createByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface TrimOptions {
  history: HistoryTrim;
  /** Told of each org that failed. */
  onError(duty: string, error: unknown): void;
}

/** Removes what the retention of single queues does not keep. */
export const createTrimDuty = ({ history, onError }: TrimOptions): Duty => {
  const name = 'trim-queues';
  const byOrg = createByOrg({ onError: (error) => onError(name, error) });
  const batchMax = 100;
  return {
    name,
    intervalMs: 5_000,
    batchMax,
    runOnce: async () =>
      byOrg(await history.dueTrims(batchMax), async (_orgId, dueOfOrg) => {
        for (const due of dueOfOrg) await history.trimQueue(due);
        return dueOfOrg.length;
      }),
  };
};
