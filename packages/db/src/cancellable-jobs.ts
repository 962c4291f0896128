import type { CancelWhereInput } from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

type Filter = Omit<CancelWhereInput, 'reason'>;

/** `until` is PostgreSQL's own text: a Date would lose its microseconds, and jobs of this very moment. */
type Bounds = Filter & { until: string; after: string | null };

/**
 * The live jobs of an org that fit a filter, were created up to `until`, and that nobody asked to cancel yet, by id from the one
 * behind `after` on.
 */
export const cancellableJobs = (
  transaction: Transaction<Schema>,
  orgId: number,
  { queue, kind, batchId, tag, state, createdBefore, until, after }: Bounds,
) => {
  let jobs = transaction
    .selectFrom('longshore.live_jobs')
    .select('id')
    .where('org_id', '=', orgId)
    .where('cancel_requested_at', 'is', null)
    .where('created_at', '<=', sql<Date>`${until}::timestamptz`)
    .orderBy('id');
  if (queue !== undefined) jobs = jobs.where('queue', '=', queue);
  if (kind !== undefined) jobs = jobs.where('kind', '=', kind);
  if (batchId !== undefined) jobs = jobs.where('batch_id', '=', batchId);
  if (tag !== undefined) jobs = jobs.where(sql<boolean>`tags @> ${[tag]}`);
  if (state !== undefined) jobs = jobs.where('state', '=', state);
  if (createdBefore !== undefined) jobs = jobs.where('created_at', '<', new Date(createdBefore));
  if (after !== null) jobs = jobs.where('id', '>', after);
  return jobs;
};

/** How many there are, up to now; jobs that come later are not among them. */
export const countCancellable = async (
  transaction: Transaction<Schema>,
  orgId: number,
  filter: Filter,
): Promise<{ until: string; count: number }> => {
  const { rows } = await sql<{ until: string }>`select longshore.now()::text as until`.execute(transaction);
  const until = rows[0]!.until;
  const found = cancellableJobs(transaction, orgId, { ...filter, until, after: null }).clearOrderBy();
  const { count } = await transaction
    .selectFrom(found.as('found'))
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return { until, count: Number(count) };
};
