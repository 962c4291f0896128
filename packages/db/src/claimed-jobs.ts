import pg from 'pg';
import type { Claims, PackedClaim } from './lifecycle-types.ts';
import type { Route } from './route-book.ts';

/** A row of claim_jobs, every value as PostgreSQL wrote it: what goes straight on to a worker need not be read here. */
export interface ClaimedRow {
  session_id: string;
  id: string;
  route_id: string;
  order_key: string;
  lease_token: string;
  epoch: string;
  attempt: string;
  max_attempts: string;
  timeout_seconds: string | null;
  payload: string;
  metadata: string | null;
  /** A JSON array. */
  tags: string | null;
  batch_id: string | null;
  external_id: string | null;
  created_at: string;
  /** Null for the instant at which it was created. */
  run_at: string | null;
}

/** For a query whose values stay text. */
export const asText = { getTypeParser: () => (text: string) => text };

/** The claimed jobs by session, each session's in the order in which they should run. */
export const toClaims = (rows: ClaimedRow[], routes: ReadonlyMap<number, Route>): Claims => {
  // An UPDATE returns rows in id order; the line's order is by priority, then order key.
  const inLine = rows
    .map((row) => ({ row, route: routes.get(Number(row.route_id))!, orderKey: Number(row.order_key) }))
    .sort(
      (a, b) => a.route.priority - b.route.priority || a.orderKey - b.orderKey || compareKeys(a.row, b.row),
    );
  const bySession = new Map<string, PackedClaim[]>();
  const reached = new Map<number, string>();
  for (const { row, route } of inLine) {
    const claim = packClaim(row, route);
    const claims = bySession.get(row.session_id);
    if (claims) claims.push(claim);
    else bySession.set(row.session_id, [claim]);
    reached.set(route.id, row.order_key);
  }
  return {
    bySession,
    reached: [...reached].map(([routeId, key]) => ({ routeId, floor: String(BigInt(key) + 1n) })),
  };
};

/** Asked only where two keys are one number in JavaScript, which happens beyond 2^53. */
const compareKeys = (a: ClaimedRow, b: ClaimedRow): number =>
  Number(BigInt(a.order_key) - BigInt(b.order_key));

/** Its text is made when it is asked for: by then the next claim is on its way. */
const packClaim = (row: ClaimedRow, route: Route): PackedClaim => ({
  id: row.id,
  leaseToken: row.lease_token,
  get text() {
    return writeJob(row, route);
  },
});

/** The JSON of a ClaimedJob. Putting it together from the texts of the row costs a third of parsing and writing it anew. */
const writeJob = (row: ClaimedRow, route: Route): string =>
  `{"id":"${row.id}",${route.json},"payload":${row.payload},"attempt":${row.attempt},"maxAttempts":${row.max_attempts}` +
  `,"fencingToken":${row.epoch},"leaseToken":"${row.lease_token}","timeoutSeconds":${row.timeout_seconds}` +
  `,"metadata":${row.metadata},"tags":${row.tags ?? '[]'},"batchId":${writeText(row.batch_id)}` +
  `,"externalId":${writeText(row.external_id)},"createdAt":${writeInstant(row.created_at)}` +
  `,"runAt":${writeInstant(row.run_at ?? row.created_at)}}`;

const writeText = (text: string | null): string => (text === null ? 'null' : JSON.stringify(text));

/** Writes a timestamptz as JSON. */
const writeInstant = (text: string): string => {
  if (text !== lastInstant.text) lastInstant = { text, json: JSON.stringify(readInstant(text)) };
  return lastInstant.json;
};

/** Jobs that were submitted together have it in common. */
let lastInstant = { text: '', json: '' };

const readInstant = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ);
