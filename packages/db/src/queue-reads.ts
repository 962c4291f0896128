import type { FinalJobState, OrgStats, QueueStats } from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { readAs, readCompiled } from './org-scope.ts';

export interface QueueReads {
  /** Counts every live job of the org, so it is for people, not for loops. */
  queues(orgId: number): Promise<QueueStats[]>;
  stats(orgId: number): Promise<OrgStats>;
}

export const createQueueReads = (db: Database): QueueReads => {
  const queues = async (orgId: number): Promise<QueueStats[]> => {
    const counts = sql<QueueRow>`
        select
          names.name as queue,
          coalesce(bool_or(queues.paused_at is not null), false) as is_paused,
          count(jobs.id) filter (where jobs.state = 'blocked')::int as blocked,
          count(jobs.id) filter (where jobs.state = 'scheduled')::int as scheduled,
          count(jobs.id) filter (where jobs.state = 'available')::int as available,
          count(jobs.id) filter (where jobs.state = 'running')::int as running,
          extract(epoch from longshore.now() - min(jobs.run_at) filter (where jobs.state = 'available'))::float8 as oldest_seconds
        from (
          select name from longshore.queues where org_id = ${orgId}
          union
          select queue from longshore.routes where org_id = ${orgId}
        ) as names
        left join longshore.queues on queues.org_id = ${orgId} and queues.name = names.name
        left join longshore.routes on routes.org_id = ${orgId} and routes.queue = names.name
        left join longshore.jobs on jobs.org_id = ${orgId} and jobs.route_id = routes.id
        group by names.name
        order by names.name
      `;
    return (await readCompiled(db, orgId, counts.compile(db.kysely))).map(toQueueStats);
  };

  return {
    queues,
    stats: async (orgId) => ({
      queues: await queues(orgId),
      lastHour: await lastHour(db, orgId),
      sessions: await openSessions(db, orgId),
    }),
  };
};

interface QueueRow {
  queue: string;
  is_paused: boolean;
  blocked: number;
  scheduled: number;
  available: number;
  running: number;
  oldest_seconds: number | null;
}

const toQueueStats = ({ is_paused, oldest_seconds, ...counts }: QueueRow): QueueStats => ({
  ...counts,
  isPaused: is_paused,
  oldestAvailableSeconds: oldest_seconds,
});

const lastHour = async (db: Database, orgId: number): Promise<Record<FinalJobState, number>> => {
  const finished = db.kysely
    .selectFrom('longshore.finished_jobs')
    .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
    .where('org_id', '=', orgId)
    .where('finished_at', '>', sql<Date>`longshore.now() - interval '1 hour'`)
    .groupBy('state');
  const counts = { completed: 0, cancelled: 0, failed: 0 };
  for (const { state, count } of await readAs(db, orgId, finished))
    counts[state as FinalJobState] = Number(count);
  return counts;
};

const openSessions = async (db: Database, orgId: number): Promise<number> => {
  const open = db.kysely
    .selectFrom('longshore.worker_sessions')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('org_id', '=', orgId)
    .where('ended_at', 'is', null);
  const [row] = await readAs(db, orgId, open);
  return Number(row!.count);
};
