import type {
  CleanAnswer,
  CleanQueueInput,
  KeptJobs,
  QueueRetention,
  RetainQueueInput,
} from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg } from './org-scope.ts';
import type { Schema } from './schema.ts';

export interface QueueHistory {
  /** Sets how much of a queue's history is kept; answers all that holds for it now. */
  retainQueue(orgId: number, input: RetainQueueInput): Promise<QueueRetention>;
  /** Takes finished jobs out of history now, oldest first. */
  cleanQueue(orgId: number, input: CleanQueueInput): Promise<CleanAnswer>;
}

export const createQueueHistory = (db: Database, actor: Actor): QueueHistory => ({
  retainQueue: (orgId, { queue, ...asked }) =>
    inOrg(db, orgId, async (transaction) => {
      const before = toRetention(await lockRetention(transaction, orgId, queue));
      for (const outcome of ['completed', 'failed'] as const) {
        const kept = asked[outcome];
        if (kept !== undefined) await storeRetention(transaction, { orgId, queue, outcome, kept });
      }
      const after = toRetention(await lockRetention(transaction, orgId, queue));
      await appendAudit(transaction, orgId, actor, { action: 'queues.retain', target: queue, before, after });
      return after;
    }),

  cleanQueue: (orgId, { queue, states, graceSeconds, limit, from }) =>
    inOrg(db, orgId, async (transaction) => {
      const before = sql`longshore.now() - make_interval(secs => ${graceSeconds})`;
      const { rows } = await sql<CleanRow>`
        select removed.ids, removed.reached, removed.reached < bounds.before as has_more
        from (select ${before} as before) as bounds
        cross join lateral longshore.remove_finished(
          ${orgId}, ${queue}, ${states}::text[]::longshore.job_state[], ${from ?? null}, bounds.before, null, ${limit}
        ) as removed
      `.execute(transaction);
      const { ids, reached, has_more } = rows[0]!;
      const after = { states, graceSeconds, removed: ids.length };
      await appendAudit(transaction, orgId, actor, { action: 'queues.clean', target: queue, after });
      return { ids, goOnFrom: has_more ? reached.toISOString() : null };
    }),
});

interface CleanRow {
  ids: string[];
  reached: Date;
  has_more: boolean;
}

/** A row of queue_retention. */
export interface RetentionRow {
  outcome: 'completed' | 'failed';
  keep_count: number | null;
  keep_seconds: number | null;
}

/** The whole retention of a queue, from its rows. */
export const toRetention = (rows: readonly RetentionRow[]): QueueRetention => {
  const keptOf = (outcome: RetentionRow['outcome']): KeptJobs | null => {
    const row = rows.find((each) => each.outcome === outcome);
    if (!row) return null;
    const { keep_count: count, keep_seconds: ageSeconds } = row;
    return { ...(count !== null && { count }), ...(ageSeconds !== null && { ageSeconds }) };
  };
  return { completed: keptOf('completed'), failed: keptOf('failed') };
};

const lockRetention = (
  transaction: Transaction<Schema>,
  orgId: number,
  queue: string,
): Promise<RetentionRow[]> =>
  transaction
    .selectFrom('longshore.queue_retention')
    .select(['outcome', 'keep_count', 'keep_seconds'])
    .where('org_id', '=', orgId)
    .where('queue', '=', queue)
    .orderBy('outcome')
    .forUpdate()
    .execute();

interface NewRetention {
  orgId: number;
  queue: string;
  outcome: RetentionRow['outcome'];
  kept: KeptJobs | null;
}

/** From the beginning of history again: another rule may remove what the last one kept. */
const storeRetention = async (
  transaction: Transaction<Schema>,
  { orgId, queue, outcome, kept }: NewRetention,
): Promise<void> => {
  await transaction
    .deleteFrom('longshore.queue_retention')
    .where('org_id', '=', orgId)
    .where('queue', '=', queue)
    .where('outcome', '=', outcome)
    .execute();
  if (!kept) return;
  const { count = null, ageSeconds = null } = kept;
  const due_at = sql<Date>`longshore.now()`;
  await transaction
    .insertInto('longshore.queue_retention')
    .values({ org_id: orgId, queue, outcome, keep_count: count, keep_seconds: ageSeconds, due_at })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'queue', 'outcome'])
        .doUpdateSet({ keep_count: count, keep_seconds: ageSeconds, swept_to: null, due_at }),
    )
    .execute();
};
