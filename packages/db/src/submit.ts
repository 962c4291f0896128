import type { Database } from './connect.ts';
import type { JobLifecycle, LifecycleEvents } from './lifecycle-types.ts';
import { query } from './query.ts';
import type { RouteBook } from './route-book.ts';
import { isPlain, type SubmitItem, type SubmitRow, toSubmitAnswers, toSubmitItem } from './submit-items.ts';

/** The submit. Jobs that are tied to nothing take one statement; the others, and ids that turn out to be taken, the long way. */
export const createSubmit = (
  db: Database,
  routes: RouteBook,
  events: LifecycleEvents,
): JobLifecycle['submit'] => {
  const submitItems = (orgId: number, items: SubmitItem[], createdBy: string | null, isAtomic: boolean) =>
    query<SubmitRow>(db.pool, 'select * from longshore.submit_jobs($1, $2, $3, $4)', [
      orgId,
      JSON.stringify(items),
      createdBy,
      isAtomic,
    ]);

  const insertPlain = async (
    orgId: number,
    items: SubmitItem[],
    createdBy: string | null,
  ): Promise<SubmitRow[]> => {
    const rows = await query<SubmitRow>(db.pool, plainSubmit, [orgId, JSON.stringify(items), createdBy]);
    if (rows.length === items.length) return rows;
    const inserted = new Set(rows.map((row) => row.item_id));
    const taken = items.filter((item) => !inserted.has(item.id));
    return [...rows, ...(await submitItems(orgId, taken, createdBy, false))];
  };

  return async (orgId, jobs, { isAtomic, createdBy }) => {
    const routeIds = await routes.idsFor(orgId, jobs);
    const items = jobs.map((job, place) => toSubmitItem(job, routeIds[place]!));
    const rows = items.every(isPlain)
      ? await insertPlain(orgId, items, createdBy)
      : await submitItems(orgId, items, createdBy, isAtomic);
    if (items.some((item) => item.depends_on ?? item.after_batch)) events.onDependants?.(orgId);
    return toSubmitAnswers(items, rows);
  };
};

const plainSubmit = `select id as item_id, id as job_id, state, true as is_new, null as error_code
  from longshore.insert_jobs($1, $2, $3)`;
