import { sql, type Transaction } from 'kysely';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg } from './org-scope.ts';
import type { Schema } from './schema.ts';

export interface Queues {
  /** Nothing of this queue is claimed until it is resumed; what runs goes on. */
  pauseQueue(orgId: number, queue: string): Promise<void>;
  resumeQueue(orgId: number, queue: string): Promise<void>;
}

export const createQueues = (db: Database, actor: Actor): Queues => {
  const setPaused = (orgId: number, queue: string, isPaused: boolean): Promise<void> =>
    inOrg(db, orgId, async (transaction) => {
      const wasPaused = await lockQueue(transaction, orgId, queue);
      await transaction
        .updateTable('longshore.queues')
        .set({ paused_at: isPaused ? sql<Date>`longshore.now()` : null })
        .where('org_id', '=', orgId)
        .where('name', '=', queue)
        .execute();
      await appendAudit(transaction, orgId, actor, {
        action: isPaused ? 'queues.pause' : 'queues.resume',
        target: queue,
        before: { isPaused: wasPaused },
        after: { isPaused },
      });
    });

  return {
    pauseQueue: (orgId, queue) => setPaused(orgId, queue, true),
    resumeQueue: (orgId, queue) => setPaused(orgId, queue, false),
  };
};

/** Makes the queue's row if it has none and locks it; answers whether the queue is paused. */
const lockQueue = async (
  transaction: Transaction<Schema>,
  orgId: number,
  queue: string,
): Promise<boolean> => {
  await transaction
    .insertInto('longshore.queues')
    .values({ org_id: orgId, name: queue, paused_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { paused_at } = await transaction
    .selectFrom('longshore.queues')
    .select('paused_at')
    .where('org_id', '=', orgId)
    .where('name', '=', queue)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return paused_at !== null;
};
