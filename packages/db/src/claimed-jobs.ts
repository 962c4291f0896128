import type { ClaimedJob, JsonValue } from '@longshore/contract';
import type { Claims } from './lifecycle-types.ts';
import type { Route } from './route-book.ts';

/** A row of claim_jobs. */
export interface ClaimedRow {
  session_id: string;
  id: string;
  route_id: number;
  order_key: string;
  lease_token: string;
  epoch: number;
  attempt: number;
  max_attempts: number;
  timeout_seconds: number | null;
  payload: JsonValue;
  metadata: { [key: string]: JsonValue } | null;
  tags: string[] | null;
  batch_id: string | null;
  external_id: string | null;
  created_at: Date;
  run_at: Date;
}

/** The claimed jobs by session, each session's in the order in which they should run. */
export const toClaims = (rows: ClaimedRow[], routes: ReadonlyMap<number, Route>): Claims => {
  // An UPDATE returns rows in id order; the line's order is by priority, then order key.
  const inLine = rows
    .map((row) => ({ row, route: routes.get(row.route_id)!, orderKey: Number(row.order_key) }))
    .sort((a, b) => a.route.priority - b.route.priority || a.orderKey - b.orderKey);
  const bySession = new Map<string, ClaimedJob[]>();
  const reached = new Map<number, number>();
  for (const { row, route, orderKey } of inLine) {
    const jobs = bySession.get(row.session_id);
    if (jobs) jobs.push(toClaimedJob(row, route));
    else bySession.set(row.session_id, [toClaimedJob(row, route)]);
    reached.set(route.id, orderKey + 1);
  }
  return {
    bySession,
    reached: [...reached].map(([routeId, floor]) => ({ routeId, floor: String(floor) })),
  };
};

const toClaimedJob = (row: ClaimedRow, route: Route): ClaimedJob => ({
  id: row.id,
  kind: route.kind,
  queue: route.queue,
  priority: route.priority,
  category: route.category,
  payload: row.payload,
  attempt: row.attempt,
  maxAttempts: row.max_attempts,
  fencingToken: row.epoch,
  leaseToken: row.lease_token,
  timeoutSeconds: row.timeout_seconds,
  metadata: row.metadata,
  tags: row.tags ?? [],
  batchId: row.batch_id,
  externalId: row.external_id,
  createdAt: row.created_at.toISOString(),
  runAt: row.run_at.toISOString(),
});
