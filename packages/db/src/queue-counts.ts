import type { QueueCounts } from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { readCompiled } from './org-scope.ts';
import { type RetentionRow, toRetention } from './queue-retention.ts';

export interface QueueCountReads {
  /** Counts the queue's live jobs and its history: for people and for a look a minute, not for loops. */
  queueCounts(orgId: number, queue: string): Promise<QueueCounts>;
}

export const createQueueCountReads = (db: Database): QueueCountReads => ({
  queueCounts: async (orgId, queue) => {
    const counts = sql<CountsRow>`
      select *
      from (
        select
          count(*) filter (where jobs.state = 'blocked')::int as blocked,
          count(*) filter (where jobs.state = 'scheduled')::int as scheduled,
          count(*) filter (where jobs.state = 'available')::int as available,
          count(*) filter (where jobs.state = 'running')::int as running
        from longshore.routes
        join longshore.jobs on jobs.org_id = ${orgId} and jobs.route_id = routes.id
        where routes.org_id = ${orgId} and routes.queue = ${queue}
      ) as live
      cross join longshore.count_finished(${orgId}, ${queue}) as history
      cross join (
        select count(*)::int as sessions
        from longshore.worker_sessions
        where org_id = ${orgId} and ended_at is null and (queues is null or ${queue} = any (queues))
      ) as workers
      cross join (
        select exists (
          select from longshore.queues where org_id = ${orgId} and name = ${queue} and paused_at is not null
        ) as is_paused
      ) as pauses
      cross join (
        select coalesce(jsonb_agg(kept), '[]') as retention
        from longshore.queue_retention as kept
        where org_id = ${orgId} and queue = ${queue}
      ) as rules
    `;
    const [row] = await readCompiled(db, orgId, counts.compile(db.kysely));
    const { is_paused, counted_since, retention, ...byState } = row!;
    return {
      ...byState,
      queue,
      isPaused: is_paused,
      countedSince: counted_since?.toISOString() ?? null,
      retention: toRetention(retention),
    };
  },
});

interface CountsRow extends Omit<QueueCounts, 'queue' | 'isPaused' | 'countedSince' | 'retention'> {
  is_paused: boolean;
  counted_since: Date | null;
  retention: RetentionRow[];
}
