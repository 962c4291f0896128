import {
  type BatchStatus,
  type FinalJobState,
  type Job,
  type JobPage,
  type JobState,
  jobStates,
  type ListJobsInput,
  type OrgStats,
  type OutputLine,
  type QueueStats,
} from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { type JobRow, toJob } from './job-rows.ts';
import { translateErrors } from './query.ts';

export interface Reads {
  getJob(orgId: number, id: string): Promise<Job | null>;
  /** The newest job with this external id. */
  getJobByExternalId(orgId: number, externalId: string): Promise<Job | null>;
  /** Newest first, by id. */
  listJobs(orgId: number, filter: ListJobsInput): Promise<JobPage>;
  batchStatus(orgId: number, batchId: string): Promise<BatchStatus>;
  stats(orgId: number): Promise<OrgStats>;
  queues(orgId: number): Promise<QueueStats[]>;
  output(
    orgId: number,
    page: { id: string; afterId?: number | undefined; limit?: number | undefined },
  ): Promise<OutputLine[]>;
  /** Which of these jobs are final, across orgs. */
  finishedAmong(jobs: { orgId: number; id: string }[]): Promise<Set<string>>;
}

/** What the API reads. Everything names its org; the database's errors come out as LongshoreError. */
export const createReads = (db: Database): Reads => {
  const jobsOf = (orgId: number) =>
    db.kysely
      .selectFrom('longshore.all_jobs as jobs')
      .leftJoin('longshore.worker_sessions as sessions', (join) =>
        join.onRef('sessions.org_id', '=', 'jobs.org_id').onRef('sessions.id', '=', 'jobs.session_id'),
      )
      .leftJoin('longshore.workers as workers', (join) =>
        join.onRef('workers.org_id', '=', 'sessions.org_id').onRef('workers.id', '=', 'sessions.worker_id'),
      )
      .selectAll('jobs')
      .select(['workers.id as worker_id', 'workers.name as worker_name'])
      .where('jobs.org_id', '=', orgId);

  const one = async (rows: Promise<JobRow[]>): Promise<Job | null> => {
    const [row] = await translateErrors(() => rows);
    return row ? toJob(row) : null;
  };

  const queues = (orgId: number): Promise<QueueStats[]> =>
    translateErrors(async () => {
      const { rows } = await sql<QueueRow>`
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
      `.execute(db.kysely);
      return rows.map(toQueueStats);
    });

  return {
    getJob: (orgId, id) => one(jobsOf(orgId).where('jobs.id', '=', id).limit(1).execute()),

    getJobByExternalId: (orgId, externalId) =>
      one(
        jobsOf(orgId)
          .where('jobs.external_id', '=', externalId)
          .orderBy('jobs.created_at', 'desc')
          .limit(1)
          .execute(),
      ),

    listJobs: (orgId, filter) =>
      translateErrors(async () => {
        const limit = filter.limit ?? 100;
        let page = jobsOf(orgId)
          .orderBy('jobs.id', 'desc')
          .limit(limit + 1);
        if (filter.state) page = page.where('jobs.state', '=', filter.state);
        if (filter.queue) page = page.where('jobs.queue', '=', filter.queue);
        if (filter.kind) page = page.where('jobs.kind', '=', filter.kind);
        if (filter.batchId) page = page.where('jobs.batch_id', '=', filter.batchId);
        if (filter.tag) page = page.where('jobs.tags', '@>', [filter.tag]);
        if (filter.cursor) page = page.where('jobs.id', '<', filter.cursor);
        const rows = await page.execute();
        const jobs = rows.slice(0, limit).map(toJob);
        return { jobs, nextCursor: rows.length > limit ? jobs.at(-1)!.id : null };
      }),

    batchStatus: (orgId, batchId) =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.all_jobs')
          .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
          .where('org_id', '=', orgId)
          .where('batch_id', '=', batchId)
          .groupBy('state')
          .execute();
        return toBatchStatus(batchId, rows);
      }),

    queues,

    stats: async (orgId) => ({
      queues: await queues(orgId),
      lastHour: await lastHour(db, orgId),
      sessions: await openSessions(db, orgId),
    }),

    output: (orgId, { id, afterId, limit }) =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.job_output')
          .select(['id', 'attempt', 'stream', 'line', 'at'])
          .where('org_id', '=', orgId)
          .where('job_id', '=', id)
          .where('id', '>', String(afterId ?? 0))
          .orderBy('id')
          .limit(limit ?? 1_000)
          .execute();
        return rows.map((row) => ({
          id: Number(row.id),
          attempt: row.attempt,
          stream: row.stream,
          text: row.line,
          at: row.at.toISOString(),
        }));
      }),

    finishedAmong: (jobs) =>
      translateErrors(async () => {
        const { rows } = await sql<{ id: string }>`
          select done.id
          from unnest(${jobs.map((job) => job.orgId)}::int[], ${jobs.map((job) => job.id)}::uuid[]) as asked (org_id, id)
          join longshore.finished_jobs as done on done.org_id = asked.org_id and done.id = asked.id
        `.execute(db.kysely);
        return new Set(rows.map((row) => row.id));
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

const toBatchStatus = (batchId: string, rows: { state: JobState; count: string }[]): BatchStatus => {
  const byState = Object.fromEntries(jobStates.map((state) => [state, 0])) as Record<JobState, number>;
  for (const { state, count } of rows) byState[state] = Number(count);
  const total = Object.values(byState).reduce((sum, count) => sum + count, 0);
  return {
    batchId,
    total,
    byState,
    isDone: byState.completed + byState.cancelled + byState.failed === total,
  };
};

const lastHour = (db: Database, orgId: number): Promise<Record<FinalJobState, number>> =>
  translateErrors(async () => {
    const rows = await db.kysely
      .selectFrom('longshore.finished_jobs')
      .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
      .where('org_id', '=', orgId)
      .where('finished_at', '>', sql<Date>`longshore.now() - interval '1 hour'`)
      .groupBy('state')
      .execute();
    const counts = { completed: 0, cancelled: 0, failed: 0 };
    for (const { state, count } of rows) counts[state as FinalJobState] = Number(count);
    return counts;
  });

const openSessions = (db: Database, orgId: number): Promise<number> =>
  translateErrors(async () => {
    const row = await db.kysely
      .selectFrom('longshore.worker_sessions')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('org_id', '=', orgId)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  });
