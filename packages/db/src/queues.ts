import { sql } from 'kysely';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg } from './org-scope.ts';

export interface Queues {
  /** Nothing of this queue is claimed until it is resumed; what runs goes on. */
  pauseQueue(orgId: number, queue: string): Promise<void>;
  resumeQueue(orgId: number, queue: string): Promise<void>;
}

export const createQueues = (db: Database, actor: Actor): Queues => {
  const setPaused = (orgId: number, queue: string, isPaused: boolean): Promise<void> =>
    inOrg(db, orgId, async (transaction) => {
      const pausedAt = isPaused ? sql<Date>`longshore.now()` : null;
      await transaction
        .insertInto('longshore.queues')
        .values({ org_id: orgId, name: queue, paused_at: pausedAt })
        .onConflict((conflict) => conflict.columns(['org_id', 'name']).doUpdateSet({ paused_at: pausedAt }))
        .execute();
      const action = isPaused ? 'queues.pause' : 'queues.resume';
      await appendAudit(transaction, orgId, actor, { action, target: queue });
    });

  return {
    pauseQueue: (orgId, queue) => setPaused(orgId, queue, true),
    resumeQueue: (orgId, queue) => setPaused(orgId, queue, false),
  };
};
