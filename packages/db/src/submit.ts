import { defaults, type ItemAnswer, type SubmitAnswer, uuidV7 } from '@longshore/contract';
import { intArray, jsonArray, uuidArray } from './binary-arrays.ts';
import type { Database } from './connect.ts';
import { isSqlState, toLongshoreError } from './database-error.ts';
import type { JobLifecycle, LifecycleEvents, NewJob } from './lifecycle-types.ts';
import { query } from './query.ts';
import type { RouteBook } from './route-book.ts';
import { isPlain, type SubmitRow, toSubmitAnswers, toSubmitItem } from './submit-items.ts';

/** The submit. New jobs without further options take the short way; the others, and ids that turn out to be taken, the long one. */
export const createSubmit = (
  db: Database,
  routes: RouteBook,
  events: LifecycleEvents,
): JobLifecycle['submit'] => {
  const submitPlain = async (
    orgId: number,
    jobs: (NewJob & { id: string })[],
    routeIds: number[],
    createdBy: string | null,
  ): Promise<ItemAnswer<SubmitAnswer>[] | undefined> => {
    try {
      await db.pool.query('select longshore.insert_new_jobs($1, $2, $3, $4, $5, $6)', [
        orgId,
        uuidArray(jobs.map(({ id }) => id)),
        intArray(routeIds),
        jsonArray(jobs.map(({ payload }) => JSON.stringify(payload) ?? 'null')),
        intArray(jobs.map(({ maxAttempts }) => maxAttempts ?? defaults.maxAttempts)),
        createdBy,
      ]);
    } catch (error) {
      if (isSqlState(error, uniqueViolation)) return undefined;
      throw toLongshoreError(error);
    }
    return jobs.map(({ id }) => ({ ok: true, id, state: 'available', isNew: true }));
  };

  return async (orgId, given, { isAtomic, createdBy }) => {
    const routeIds = await routes.idsFor(orgId, given);
    if (given.every(isPlain)) {
      const jobs = given.map((job) => ({ ...job, id: job.id ?? uuidV7() }));
      const answers = await submitPlain(orgId, jobs, routeIds, createdBy);
      if (answers) return answers;
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
  };
};

const uniqueViolation = '23505';
