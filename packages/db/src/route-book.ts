import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';

/** What a route says about its jobs. */
export interface Route {
  id: number;
  queue: string;
  kind: string;
  priority: number;
}

/**
 * Remembers routes by id: they never change, and telling a claim's kind and queue from memory keeps those
 * columns out of every claimed row. Bounded by starting over, since any route can be read again.
 */
export const createRouteBook = (db: Database, routesMax = 50_000) => {
  const known = new Map<number, Route>();

  const readMissing = async (orgId: number, ids: number[]): Promise<void> => {
    if (known.size > routesMax) known.clear();
    const rows = await translateErrors(() =>
      db.kysely
        .selectFrom('longshore.routes')
        .select(['id', 'queue', 'kind', 'priority'])
        .where('org_id', '=', orgId)
        .where('id', 'in', ids)
        .execute(),
    );
    for (const row of rows) known.set(row.id, row);
  };

  return {
    /** The routes of these ids. Route ids are unique over all orgs. */
    lookUp: async (orgId: number, ids: number[]): Promise<ReadonlyMap<number, Route>> => {
      const missing = [...new Set(ids)].filter((id) => !known.has(id));
      if (missing.length > 0) await readMissing(orgId, missing);
      return known;
    },
  };
};
