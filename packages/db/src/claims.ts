import { randomBytes } from 'node:crypto';
import { asText, type ClaimedRow, toClaims } from './claimed-jobs.ts';
import type { Database } from './connect.ts';
import type { ClaimRequest, Claims, JobLifecycle } from './lifecycle-types.ts';
import { query } from './query.ts';
import type { RouteBook } from './route-book.ts';

/** The claim, and the look that tells where the next one may begin. */
export const createClaims = (
  db: Database,
  routes: RouteBook,
): Pick<JobLifecycle, 'claim' | 'claimFloors'> => ({
  claim: async (orgId, request) =>
    readClaims(
      orgId,
      await query<ClaimedRow>(db.pool, claimJobs, claimValues(orgId, request), asText),
      routes,
    ),

  claimFloors: async (orgId, filter, floors) => {
    const rows = await query<{
      route_id: number;
      first_key: string;
      snapshot_min: string;
      snapshot_max: string;
    }>(db.pool, 'select * from longshore.claim_floors($1, $2, $3, $4, $5, $6, $7, $8)', [
      orgId,
      filter.kinds,
      filter.capabilities,
      filter.queues,
      filter.priorityMin,
      filter.priorityMax,
      floors.map((f) => f.routeId),
      floors.map((f) => f.floor),
    ]);
    return {
      xmin: rows[0]?.snapshot_min ?? '0',
      xmax: rows[0]?.snapshot_max ?? '0',
      lanes: rows.map((row) => ({ routeId: row.route_id, firstKey: row.first_key })),
    };
  },
});

/** What claim_jobs takes. */
export const claimValues = (
  orgId: number,
  { filter, limitedWorkerId, seats, floors }: ClaimRequest,
): unknown[] => [
  orgId,
  seats.map((seat) => seat.sessionId),
  seats.map((seat) => seat.limit),
  randomBytes(16),
  filter.kinds,
  filter.capabilities,
  filter.queues,
  filter.priorityMin,
  filter.priorityMax,
  limitedWorkerId,
  floors.map((floor) => floor.routeId),
  floors.map((floor) => floor.floor),
];

/** What claim_jobs answers, its routes looked up. */
export const readClaims = async (orgId: number, rows: ClaimedRow[], routes: RouteBook): Promise<Claims> => {
  if (rows.length === 0) return { bySession: new Map(), reached: [] };
  const routeIds = rows.map((row) => Number(row.route_id));
  return toClaims(rows, await routes.byId(orgId, routeIds));
};

// A ClaimedRow each; submit.ts has the same columns.
const claimJobs = `select
    session_id, id, route_id, order_key, lease_token, epoch, attempt, max_attempts, timeout_seconds, payload, metadata,
    to_json(tags) as tags, batch_id, external_id, created_at, nullif(run_at, created_at) as run_at
  from longshore.claim_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
