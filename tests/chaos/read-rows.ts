import pg from 'pg';
import type { JobRow, Lease } from './story.ts';

const pageRows = 5_000;

/** All jobs of an org, live and finished, page by page over one connection. A row that is there twice comes twice. */
export const readRows = async (url: string, orgId: number): Promise<JobRow[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin read only');
    await client.query(
      `declare chaos_rows no scroll cursor for select ${columns} from longshore.all_jobs where org_id = ${Number(orgId)}`,
    );
    const rows: JobRow[] = [];
    for (;;) {
      const page = await client.query<Stored>(`fetch ${pageRows} from chaos_rows`);
      for (const row of page.rows) rows.push(toJobRow(row));
      if (page.rows.length < pageRows) return rows;
    }
  } finally {
    await client.end();
  }
};

const columns = `
  id, external_id, state, epoch, attempt, max_attempts, rescues, session_id, created_at, started_at, finished_at,
  attempts, result, error ->> 'code' as error_code`;

interface Stored {
  id: string;
  external_id: string | null;
  state: JobRow['state'];
  epoch: number;
  attempt: number;
  max_attempts: number;
  rescues: number;
  session_id: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  attempts: { started_at?: string; ended_at: string; session_id?: string; outcome: string }[] | null;
  result: JobRow['result'];
  error_code: string | null;
}

const toJobRow = (row: Stored): JobRow => ({
  id: row.id,
  key: row.external_id,
  state: row.state,
  epoch: row.epoch,
  attempt: row.attempt,
  maxAttempts: row.max_attempts,
  rescues: row.rescues,
  createdAtMs: row.created_at.getTime(),
  finishedAtMs: row.finished_at?.getTime() ?? null,
  errorCode: row.error_code,
  result: row.result,
  leases: toLeases(row),
});

/** Leases that ended otherwise than by completing the job stand in its trail, the last one in the row itself. */
const toLeases = ({ attempts, state, session_id, started_at, finished_at }: Stored): Lease[] => {
  const leases: Lease[] = (attempts ?? []).flatMap(
    ({ started_at: startedAt, ended_at, session_id: sessionId, outcome }) =>
      startedAt === undefined
        ? []
        : [
            {
              sessionId: sessionId ?? '',
              claimedAtMs: Date.parse(startedAt),
              endedAtMs: Date.parse(ended_at),
              outcome,
            },
          ],
  );
  if ((state === 'completed' || state === 'running') && started_at)
    leases.push({
      sessionId: session_id ?? '',
      claimedAtMs: started_at.getTime(),
      endedAtMs: finished_at?.getTime() ?? null,
      outcome: state,
    });
  return leases;
};
