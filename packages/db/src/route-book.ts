import { defaults } from '@longshore/contract';
import type { Database } from './connect.ts';
import type { NewJob } from './lifecycle-types.ts';
import { readAs } from './org-scope.ts';
import { query } from './query.ts';

/** What a route says about its jobs. */
export interface Route {
  id: number;
  queue: string;
  kind: string;
  priority: number;
  category: string | null;
  /** Its fields of a ClaimedJob in JSON, without braces. */
  json: string;
}

/**
 * Remembers routes in both directions: they never change, so a submit names its route by id, and the kind and queue of a
 * claimed job come from memory instead of every row. Bounded by starting over, since any route can be read again.
 */
export const createRouteBook = (db: Database, routesMax = 50_000) => {
  const routes = new Map<number, Route>();
  const ids = new Map<string, number>();

  const ensureRoute = async (orgId: number, job: NewJob): Promise<number> => {
    const [row] = await query<{ id: number }>(
      db.pool,
      'select longshore.ensure_route($1, $2, $3, $4::smallint, $5, $6) as id',
      [
        orgId,
        job.queue ?? defaults.queue,
        job.kind,
        job.priority ?? defaults.priority,
        job.requiredCapabilities ?? [],
        job.category ?? null,
      ],
    );
    return row!.id;
  };

  const readRoutes = async (orgId: number, missing: number[]): Promise<Route[]> => {
    const found = db.kysely
      .selectFrom('longshore.routes')
      .select(['id', 'queue', 'kind', 'priority', 'category'])
      .where('org_id', '=', orgId)
      .where('id', 'in', missing);
    return (await readAs(db, orgId, found)).map((row) => ({ ...row, json: writeFields(row) }));
  };

  return {
    /** The route ids of the jobs, in their order; routes that do not exist yet are made. */
    idsFor: async (orgId: number, jobs: NewJob[]): Promise<number[]> => {
      if (ids.size > routesMax) ids.clear();
      const found: number[] = [];
      let last: { job: NewJob; id: number } | undefined;
      for (const job of jobs) {
        if (!last || !isSameRoute(last.job, job)) {
          const key = routeKey(orgId, job);
          last = { job, id: ids.get(key) ?? (await ensureRoute(orgId, job)) };
          ids.set(key, last.id);
        }
        found.push(last.id);
      }
      return found;
    },

    /** The routes of these ids, which are unique over all orgs. */
    byId: async (orgId: number, routeIds: number[]): Promise<ReadonlyMap<number, Route>> => {
      const wanted = [...new Set(routeIds)];
      const known = wanted.flatMap((id) => routes.get(id) ?? []);
      const missing = wanted.filter((id) => !routes.has(id));
      const read = missing.length > 0 ? await readRoutes(orgId, missing) : [];
      if (routes.size > routesMax) routes.clear();
      for (const route of read) routes.set(route.id, route);
      return new Map([...known, ...read].map((route) => [route.id, route]));
    },
  };
};

export type RouteBook = ReturnType<typeof createRouteBook>;

/** Of two jobs of one org, without a look at any list: most of a batch go the same way. */
const isSameRoute = (one: NewJob, other: NewJob): boolean =>
  one.kind === other.kind &&
  one.queue === other.queue &&
  one.priority === other.priority &&
  one.category === other.category &&
  one.requiredCapabilities === undefined &&
  other.requiredCapabilities === undefined;

const writeFields = ({ kind, queue, priority, category }: Omit<Route, 'id' | 'json'>): string =>
  JSON.stringify({ kind, queue, priority, category }).slice(1, -1);

/** NUL cannot be in any of the parts, so it keeps them apart. */
const routeKey = (orgId: number, job: NewJob): string =>
  [
    orgId,
    job.queue ?? '',
    job.kind,
    job.priority ?? 0,
    job.category ?? '',
    ...(job.requiredCapabilities ?? []),
  ].join('\0');
