import type { Database } from './connect.ts';
import { query } from './query.ts';

/** One rule of a queue's retention. */
export interface DueTrim {
  orgId: number;
  queue: string;
  outcome: 'completed' | 'failed';
}

/** What the background duty that keeps queues to their own retention asks and does. */
export interface HistoryTrim {
  /** Retentions of all orgs that may have something to remove by now. A hint: `trimQueue` looks again. */
  dueTrims(limit: number): Promise<DueTrim[]>;
  /** Removes what the queue's retention does not keep, in a batch; answers how many jobs went. */
  trimQueue(due: DueTrim): Promise<number>;
}

const batchMax = 10_000;

export const createHistoryTrim = ({ pool }: Database): HistoryTrim => ({
  dueTrims: async (limit) => {
    const rows = await query<{ org_id: number; queue: string; outcome: DueTrim['outcome'] }>(
      pool,
      'select org_id, queue, outcome from longshore.due_trims($1)',
      [limit],
    );
    return rows.map(({ org_id, queue, outcome }) => ({ orgId: org_id, queue, outcome }));
  },

  trimQueue: async ({ orgId, queue, outcome }) => {
    const [row] = await query<{ count: number }>(
      pool,
      'select longshore.trim_queue($1, $2, $3, $4) as count',
      [orgId, queue, outcome, batchMax],
    );
    return row!.count;
  },
});
