import { defaults, type ItemAnswer, type SubmitAnswer, uuidV7 } from '@longshore/contract';
import { intArray, jsonArray, uuidArray } from './binary-arrays.ts';
import { asText, type ClaimedRow } from './claimed-jobs.ts';
import { claimValues, readClaims } from './claims.ts';
import type { Database } from './connect.ts';
import { isRefusal, isSqlState, toLongshoreError } from './database-error.ts';
import type { JobLifecycle, LifecycleEvents, NewJob } from './lifecycle-types.ts';
import { query, runStatement } from './query.ts';
import type { RouteBook } from './route-book.ts';
import { isPlain, type SubmitRow, toSubmitAnswers, toSubmitItem } from './submit-items.ts';

/** The submit. New jobs without further options take the short way; the others, and ids that turn out to be taken, the long one. */
export const createSubmit = (
  db: Database,
  routes: RouteBook,
  events: LifecycleEvents,
): Pick<JobLifecycle, 'submit' | 'submitAndClaim'> => ({
  submit: async (orgId, given, { isAtomic, createdBy }) => {
    const routeIds = await routes.idsFor(orgId, given);
    if (given.every(isPlain)) {
      const jobs = given.map(withId);
      const values = plainValues(orgId, jobs, routeIds, createdBy);
      const insert = runStatement(db.pool, { text: insertNewJobs, values });
      if (await unless(isIdTaken, insert)) return jobs.map(acceptNew);
    }
    const items = given.map((job, place) => toSubmitItem(job, routeIds[place]!));
    const rows = await query<SubmitRow>(db.pool, 'select * from longshore.submit_jobs($1, $2, $3, $4)', [
      orgId,
      JSON.stringify(items),
      createdBy,
      isAtomic,
    ]);
    if (items.some((item) => item.depends_on ?? item.after_batch)) events.onDependants?.(orgId);
    return toSubmitAnswers(items, rows);
  },

  submitAndClaim: async (orgId, given, { createdBy }, request) => {
    if (!given.every(isPlain)) return undefined;
    const jobs = given.map(withId);
    const submitted = plainValues(orgId, jobs, await routes.idsFor(orgId, given), createdBy);
    const [, ...claimed] = claimValues(orgId, request);
    const values = [...submitted, ...claimed];
    // Whatever befell the claim, such as a lock on the row of a worker, is no reason to refuse the submit.
    const done = await unless(
      isRefusal,
      runStatement<ClaimedRow>(db.pool, { text: submitAndClaim, values, types: asText }),
    );
    return done && { answers: jobs.map(acceptNew), claims: await readClaims(orgId, done.rows, routes) };
  },
});

type JobWithId = NewJob & { id: string };

const withId = (job: NewJob): JobWithId => ({ ...job, id: job.id ?? uuidV7() });

const acceptNew = ({ id }: JobWithId): ItemAnswer<SubmitAnswer> => ({
  ok: true,
  id,
  state: 'available',
  isNew: true,
});

const plainValues = (
  orgId: number,
  jobs: JobWithId[],
  routeIds: number[],
  createdBy: string | null,
): unknown[] => [
  orgId,
  uuidArray(jobs.map(({ id }) => id)),
  intArray(routeIds),
  jsonArray(jobs.map(({ payload, payloadText }) => payloadText ?? JSON.stringify(payload) ?? 'null')),
  intArray(jobs.map(({ maxAttempts }) => maxAttempts ?? defaults.maxAttempts)),
  createdBy,
];

/** Undefined, and nothing is stored, when PostgreSQL answers with an error of this kind. */
const unless = async <Answer>(
  isOfKind: (error: unknown) => boolean,
  work: Promise<Answer>,
): Promise<Answer | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (isOfKind(error)) return undefined;
    throw toLongshoreError(error);
  }
};

/** One of the ids is another job's, or was sent again while this submit was held up. */
const isIdTaken = (error: unknown): boolean => isSqlState(error, '23505') || isSqlState(error, '40001');

const insertNewJobs = 'select longshore.insert_new_jobs($1, $2, $3, $4, $5, $6)';

// A ClaimedRow each; claims.ts has the same columns.
const submitAndClaim = `select
    session_id, id, route_id, order_key, lease_token, epoch, attempt, max_attempts, timeout_seconds, payload, metadata,
    to_json(tags) as tags, batch_id, external_id, created_at, nullif(run_at, created_at) as run_at
  from longshore.submit_and_claim($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;
