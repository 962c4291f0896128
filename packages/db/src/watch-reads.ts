import { isFinal, type OutputLine, type WatchedJob } from '@longshore/contract';
import { type Compilable, type Selectable, sql } from 'kysely';
import type { Database } from './connect.ts';
import { finishedSince, workersOf } from './job-reads.ts';
import { toJob } from './job-rows.ts';
import { readAs, readCompiled } from './org-scope.ts';
import { query } from './query.ts';
import type { JobView } from './schema-jobs.ts';

export interface JobPlace {
  orgId: number;
  id: string;
}

/** A job as it stands, and by what each of its changes is told from the next. */
export interface WatchedJobRow {
  job: WatchedJob;
  /** Changes with the state, such as `running.3`: no state comes twice with the same number of claims before it. */
  state: string;
  /** Of the running attempt. `micros`, its instant in microseconds, differs from one value to the next. */
  progress: { value: unknown; at: string; micros: string } | null;
  /** The number of the last line of output; 0 for none. */
  outputLines: number;
}

export interface WatchReads {
  /** Those of the jobs that are no longer as their marks tell (null for not seen yet), across orgs, in one statement. */
  watchJobs(
    jobs: (JobPlace & { mark: string | null })[],
  ): Promise<(JobPlace & { mark: string; isFinal: boolean })[]>;
  /** In the order of the ids; null for a job that is not there. */
  readWatched(orgId: number, ids: string[]): Promise<(WatchedJobRow | null)[]>;
  /** For each of them the next lines, at most `linesMax`, and `bytesMax` unless one line alone is larger. */
  readOutputPages(
    orgId: number,
    pages: { id: string; afterId: number }[],
    limits: { linesMax: number; bytesMax: number },
  ): Promise<OutputLine[][]>;
}

/** What watchers read: many at a time. Everything but `watchJobs` names its org. */
export const createWatchReads = (db: Database): WatchReads => ({
  watchJobs: async (jobs) => {
    if (jobs.length === 0) return [];
    const ids = jobs.map(({ id }) => id);
    const rows = await query<{ org_id: number; id: string; mark: string; is_final: boolean }>(
      db.pool,
      'select * from longshore.watch_jobs($1, $2, $3, $4)',
      [jobs.map(({ orgId }) => orgId), ids, jobs.map(({ mark }) => mark), finishedSince(ids)],
    );
    return rows.map(({ org_id, id, mark, is_final }) => ({ orgId: org_id, id, mark, isFinal: is_final }));
  },

  readWatched: async (orgId, ids) => {
    const found = new Map<string, WatchedRow>();
    const look = async (jobs: (missing: string[]) => Compilable<WatchedRow>): Promise<void> => {
      const missing = ids.filter((id) => !found.has(id));
      if (missing.length === 0) return;
      for (const row of await readAs(db, orgId, jobs(missing))) found.set(row.id, row);
    };
    // Looks twice at the live jobs: a retry may bring a job back between the two looks.
    for (const jobs of [selectLive, selectFinished, selectLive]) {
      await look((missing) => jobs(db, orgId, missing));
    }
    const sessionIds = [...found.values()].flatMap((row) =>
      row.state === 'running' && row.session_id ? [row.session_id] : [],
    );
    const workers = await workersOf(db, orgId, sessionIds);
    return ids.map((id) => {
      const row = found.get(id);
      return row ? toWatched(row, workers.get(row.session_id ?? '')) : null;
    });
  },

  readOutputPages: async (orgId, pages, { linesMax, bytesMax }) => {
    const ids = pages.map(({ id }) => id);
    const lines = sql<OutputRow>`
      select asked.place::int as place, page.id, page.attempt, page.stream, page.line, page.at
      from unnest(${ids}::uuid[], ${pages.map(({ afterId }) => afterId)}::int[])
        with ordinality as asked (job_id, after_id, place)
      cross join lateral (
        select next.*, sum(octet_length(next.line)) over (order by next.id) - octet_length(next.line) as bytes_before
        from (
          select id, attempt, stream, line, at
          from longshore.job_output as output
          where output.org_id = ${orgId} and output.job_id = asked.job_id and output.id > asked.after_id
            and output.at >= ${finishedSince(ids)}
          order by output.id
          limit ${linesMax}
        ) as next
      ) as page
      where page.bytes_before < ${bytesMax}
      order by asked.place, page.id
    `;
    const answers: OutputLine[][] = pages.map(() => []);
    for (const { place, line, at, ...row } of await readCompiled(db, orgId, lines.compile(db.kysely))) {
      answers[place - 1]!.push({ ...row, text: line, at: at.toISOString() });
    }
    return answers;
  },
});

interface OutputRow {
  place: number;
  id: number;
  attempt: number;
  stream: OutputLine['stream'];
  line: string;
  at: Date;
}

/** Payload and result stay where they are until the job is final: they may be large, and do not change. */
type WatchedRow = Omit<Selectable<JobView>, 'payload' | 'result'> &
  Partial<Pick<Selectable<JobView>, 'payload' | 'result'>> & { progress_micros: string | null };

const headColumns = [
  'org_id',
  'id',
  'kind',
  'queue',
  'priority',
  'required_capabilities',
  'category',
  'state',
  'epoch',
  'attempt',
  'max_attempts',
  'rescues',
  'run_at',
  'created_at',
  'started_at',
  'finished_at',
  'session_id',
  'timeout_seconds',
  'progress',
  'error',
  'backoff',
  'external_id',
  'idempotency_key',
  'batch_id',
  'metadata',
  'tags',
  'created_by',
  'cancel_requested_at',
  'cancelled_by',
  'cancel_reason',
  'attempts',
  'progress_at',
  'output_lines',
] as const;

const microsOfProgress = sql<string | null>`(extract(epoch from progress_at) * 1000000)::bigint`.as(
  'progress_micros',
);

const selectLive = (db: Database, orgId: number, ids: string[]): Compilable<WatchedRow> =>
  db.kysely
    .selectFrom('longshore.live_jobs')
    .select([...headColumns, microsOfProgress])
    .where('org_id', '=', orgId)
    .where('id', 'in', ids);

const selectFinished = (db: Database, orgId: number, ids: string[]): Compilable<WatchedRow> =>
  db.kysely
    .selectFrom('longshore.job_history')
    .select([...headColumns, 'payload', 'result', microsOfProgress])
    .where('org_id', '=', orgId)
    .where('id', 'in', ids)
    .where('finished_at', '>=', finishedSince(ids));

const toWatched = (row: WatchedRow, worker: Parameters<typeof toJob>[1]): WatchedJobRow => {
  const { payload = null, result = null, progress_micros, ...rest } = row;
  const { payload: whole, ...head } = toJob({ ...rest, payload, result }, worker);
  const { state, epoch, cancel_requested_at, progress, progress_at, output_lines } = row;
  return {
    // What is left out of a live job depends on nothing else of it.
    job: (isFinal(state) ? { ...head, payload: whole } : head) as WatchedJob,
    state: `${state}.${epoch}${cancel_requested_at && !isFinal(state) ? 'c' : ''}`,
    progress:
      state === 'running' && progress !== null && progress_at !== null
        ? { value: progress, at: progress_at.toISOString(), micros: progress_micros! }
        : null,
    outputLines: output_lines ?? 0,
  };
};
