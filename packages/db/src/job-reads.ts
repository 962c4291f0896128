import {
  type BatchStatus,
  instantOfUuidV7Ms,
  type Job,
  type JobPage,
  type JobState,
  jobStates,
  type ListJobsInput,
  type OutputLine,
} from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { type JobRow, type SessionWorker, toJob } from './job-rows.ts';
import { readAs } from './org-scope.ts';

export interface JobReads {
  getJob(orgId: number, id: string): Promise<Job | null>;
  /** The newest job with this external id. */
  getJobByExternalId(orgId: number, externalId: string): Promise<Job | null>;
  /** Newest first, by id. */
  listJobs(orgId: number, filter: ListJobsInput): Promise<JobPage>;
  batchStatus(orgId: number, batchId: string): Promise<BatchStatus>;
  output(
    orgId: number,
    page: { id: string; afterId?: number | undefined; limit?: number | undefined },
  ): Promise<OutputLine[]>;
}

/** What the API reads of jobs. Everything names its org; the database's errors come out as LongshoreError. */
export const createJobReads = (db: Database): JobReads => {
  const findLive = async (orgId: number, id: string): Promise<JobRow | undefined> => {
    const jobs = db.kysely
      .selectFrom('longshore.live_jobs')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('id', '=', id);
    return (await readAs(db, orgId, jobs))[0];
  };

  const findFinished = async (orgId: number, id: string): Promise<JobRow | undefined> => {
    const jobs = db.kysely
      .selectFrom('longshore.job_history')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .where('finished_at', '>=', finishedSince([id]));
    return (await readAs(db, orgId, jobs))[0];
  };

  const toJobs = async (orgId: number, rows: JobRow[]): Promise<Job[]> => {
    const sessionIds = rows.flatMap((row) =>
      row.state === 'running' && row.session_id ? [row.session_id] : [],
    );
    const workers = await workersOf(db, orgId, sessionIds);
    return rows.map((row) => toJob(row, workers.get(row.session_id ?? '')));
  };

  return {
    // Looks twice at the live jobs: a retry may bring the job back between the two looks.
    getJob: async (orgId, id) => {
      const row =
        (await findLive(orgId, id)) ?? (await findFinished(orgId, id)) ?? (await findLive(orgId, id));
      return row ? (await toJobs(orgId, [row]))[0]! : null;
    },

    getJobByExternalId: async (orgId, externalId) => {
      const newest = db.kysely
        .selectFrom('longshore.all_jobs')
        .selectAll()
        .where('org_id', '=', orgId)
        .where('external_id', '=', externalId)
        .orderBy('created_at', 'desc')
        .limit(1);
      const [row] = await readAs(db, orgId, newest);
      return row ? (await toJobs(orgId, [row]))[0]! : null;
    },

    listJobs: async (orgId, filter) => {
      const limit = filter.limit ?? 100;
      const newest = (view: PartView) => selectNewest(db, view, orgId, filter, limit + 1);
      // A limit in each part: over the union of the views PostgreSQL sorts all of history (110 ms of 100,000 jobs).
      const page = db.kysely
        .selectFrom(newest('longshore.live_jobs').as('live'))
        .selectAll()
        .unionAll(db.kysely.selectFrom(newest('longshore.job_history').as('history')).selectAll())
        .orderBy('id', 'desc')
        .limit(limit + 1);
      const rows = await readAs(db, orgId, page);
      const jobs = await toJobs(orgId, rows.slice(0, limit));
      return { jobs, nextCursor: rows.length > limit ? jobs.at(-1)!.id : null };
    },

    batchStatus: async (orgId, batchId) => {
      const counts = db.kysely
        .selectFrom('longshore.all_jobs')
        .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
        .where('org_id', '=', orgId)
        .where('batch_id', '=', batchId)
        .groupBy('state');
      return toBatchStatus(batchId, await readAs(db, orgId, counts));
    },

    output: async (orgId, { id, afterId, limit }) => {
      const lines = db.kysely
        .selectFrom('longshore.job_output')
        .select(['id', 'attempt', 'stream', 'line', 'at'])
        .where('org_id', '=', orgId)
        .where('job_id', '=', id)
        .where('id', '>', afterId ?? 0)
        .orderBy('id')
        .limit(limit ?? 1_000);
      return (await readAs(db, orgId, lines)).map((row) => ({
        id: row.id,
        attempt: row.attempt,
        stream: row.stream,
        text: row.line,
        at: row.at.toISOString(),
      }));
    },
  };
};

type PartView = 'longshore.live_jobs' | 'longshore.job_history';

const selectNewest = (db: Database, view: PartView, orgId: number, filter: ListJobsInput, count: number) => {
  let jobs = db.kysely
    .selectFrom(view)
    .selectAll()
    .where('org_id', '=', orgId)
    .orderBy('id', 'desc')
    .limit(count);
  if (filter.state) jobs = jobs.where('state', '=', filter.state);
  if (filter.queue) jobs = jobs.where('queue', '=', filter.queue);
  if (filter.kind) jobs = jobs.where('kind', '=', filter.kind);
  if (filter.batchId) jobs = jobs.where('batch_id', '=', filter.batchId);
  if (filter.tag) jobs = jobs.where(sql<boolean>`tags @> ${[filter.tag]}`);
  if (filter.cursor) jobs = jobs.where('id', '<', filter.cursor);
  return jobs;
};

/**
 * No job of these ids finished before this instant: an id (UUID version 7) is never older than its job, give or take a day
 * of clock difference. Leaves most of history's partitions out of the plan; planning for all of them took 10 ms.
 */
export const finishedSince = (ids: string[]): Date => {
  const oldestMs = Math.min(...ids.map(instantOfUuidV7Ms));
  return new Date(oldestMs - 86_400_000);
};

/** Who runs the jobs of these sessions. */
export const workersOf = async (
  db: Database,
  orgId: number,
  sessionIds: string[],
): Promise<Map<string, SessionWorker>> => {
  if (sessionIds.length === 0) return new Map();
  const sessions = db.kysely
    .selectFrom('longshore.worker_sessions as sessions')
    .innerJoin('longshore.workers as workers', (join) =>
      join.onRef('workers.org_id', '=', 'sessions.org_id').onRef('workers.id', '=', 'sessions.worker_id'),
    )
    .select(['sessions.id as session_id', 'workers.id as worker_id', 'workers.name as worker_name'])
    .where('sessions.org_id', '=', orgId)
    .where('sessions.id', 'in', sessionIds);
  const rows = await readAs(db, orgId, sessions);
  return new Map(rows.map((row) => [row.session_id, row]));
};

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
