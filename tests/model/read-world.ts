import type { JobState } from '@longshore/contract';
import type pg from 'pg';
import { isFinished, type ModelJob, type World } from './world.ts';

/** A job as a line of text, so that model and database can be compared and a difference read. */
type JobLine = string;

/** A job as the database has it. */
export interface JobRow {
  org_id: number;
  id: string;
  state: JobState;
  epoch: number;
  attempt: number;
  max_attempts: number;
  rescues: number;
  session_id: string | null;
  has_token: boolean;
  is_cancel_requested: boolean;
  order_key: string;
  /** Seconds since the world began. */
  run_at: number;
}

export interface Difference {
  id: string;
  model: JobLine;
  database: JobLine;
}

/** All jobs of the orgs, by org, with times in seconds since `beganAt`. */
export const readJobs = async (
  client: pg.ClientBase,
  orgIds: readonly number[],
  beganAt: string,
): Promise<Map<number, JobRow[]>> => {
  // By name, as a statement that is planned once: the planner takes longer for the partitions of history than the reading does.
  const query = { name: 'jobs-of-orgs', text: jobsOfOrgs, values: [orgIds, beganAt] };
  const { rows } = await client.query<JobRow>(query);
  return Map.groupBy(rows, ({ org_id }) => org_id);
};

/**
 * Compares every job of an org with the model, and takes over what only the database knows: new places in line, which have to
 * lie behind all earlier ones, and instants that a random part decided.
 */
export const compareWorld = (world: World, rows: readonly JobRow[]): Difference[] => {
  const byId = Map.groupBy(rows, ({ id }) => id);
  const lastKey = [...world.jobs.values()].reduce(
    (last, { orderKey }) => (orderKey > last ? orderKey : last),
    0n,
  );
  const ids = new Set([...world.jobs.keys(), ...byId.keys()]);
  return [...ids].flatMap((id) => {
    const job = world.jobs.get(id);
    const found = byId.get(id) ?? [];
    if (job && found.length === 1) adopt(job, found[0]!, world.now, lastKey);
    const [model, database] = [job ? lineOfJob(job) : 'none', found.map(lineOfRow).join(' and ') || 'none'];
    return model === database ? [] : [{ id, model, database }];
  });
};

const adopt = (job: ModelJob, row: JobRow, now: number, lastKey: bigint): void => {
  if (job.state === 'available' && row.state === 'available') {
    const key = BigInt(row.order_key);
    if (key === job.orderKey || key > lastKey) job.orderKey = key;
  }
  if (job.runAt === null && row.run_at >= now) job.runAt = row.run_at;
};

const lineOfJob = (job: ModelJob): JobLine =>
  [
    job.state,
    `epoch ${job.epoch} attempt ${job.attempt} of ${job.maxAttempts} rescues ${job.rescues}`,
    isFinished(job) ? `by lease ${job.finishedByEpoch !== null}` : `for ${job.sessionId}`,
    `cancel ${job.cancelRequestedAt !== null && !isFinished(job)}`,
    job.state === 'scheduled' && `at ${job.runAt}`,
    job.state === 'available' && `place ${job.orderKey}`,
  ]
    .filter(Boolean)
    .join(', ');

const lineOfRow = (row: JobRow): JobLine => {
  const isOver = row.state === 'completed' || row.state === 'cancelled' || row.state === 'failed';
  return [
    row.state,
    `epoch ${row.epoch} attempt ${row.attempt} of ${row.max_attempts} rescues ${row.rescues}`,
    isOver ? `by lease ${row.has_token}` : `for ${row.session_id}`,
    `cancel ${row.is_cancel_requested && !isOver}`,
    row.state === 'scheduled' && `at ${row.run_at}`,
    row.state === 'available' && `place ${row.order_key}`,
  ]
    .filter(Boolean)
    .join(', ');
};

const jobsOfOrgs = `
  select
    org_id, id, state, epoch, attempt, max_attempts, rescues, session_id, lease_token is not null as has_token,
    cancel_requested_at is not null as is_cancel_requested, order_key,
    extract(epoch from run_at - $2::timestamptz)::double precision as run_at
  from longshore.jobs where org_id = any ($1)
  union all
  select
    org_id, id, state, epoch, attempt, max_attempts, rescues, session_id, lease_token is not null,
    cancel_requested_at is not null, 0, extract(epoch from run_at - $2::timestamptz)::double precision
  from longshore.finished_jobs where org_id = any ($1)`;
