import { randomBytes } from 'node:crypto';
import { type JobState, uuidV7 } from '@longshore/contract';
import type { ClaimFloor, FloorReading } from '@longshore/db';
import type pg from 'pg';

/** A job and the proof that its holder holds it. */
export interface Lease {
  id: string;
  lease_token: string;
}

export interface Claimed extends Lease {
  session_id: string;
  order_key: string;
  epoch: number;
  attempt: number;
}

/** What a session that is open is told. */
export interface BeatAnswer {
  session_id: string;
  lost: Lease[];
  cancel: Lease[];
  has_returned: boolean;
}

export interface LeaseAnswer {
  id: string | null;
  /** Null where the lease was good. */
  lease_token: string | null;
  state: JobState | null;
  is_accepted: boolean;
}

/** What a job of a submit may say here; the rest has the defaults. */
export interface JobOptions {
  id?: string;
  is_repeat?: boolean;
  max_attempts?: number;
  timeout_seconds?: number;
  idempotency_key?: string;
  idempotency_key_seconds?: number;
  batch_id?: string;
  depends_on?: string[];
  after_batch?: string;
  on_dependency_failure?: 'cancel' | 'run';
}

export interface ClaimOptions {
  kinds?: string[];
  floors?: ClaimFloor[];
}

/**
 * One database connection that calls the verbs as SQL. Between `begin` and `commit` it holds what a verb has done, which
 * is how these tests stop a race half-way.
 */
export interface Actor {
  readonly pid: number;
  readonly orgId: number;
  /** Any other statement, on the same connection. */
  run(sql: string, params?: unknown[]): Promise<pg.QueryResultRow[]>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Answers the ids of the jobs that stand for the items. */
  submit(jobs: JobOptions[], kind?: string): Promise<string[]>;
  claim(sessionId: string, limit: number, options?: ClaimOptions): Promise<Claimed[]>;
  /** One claim for several sessions, `limit` jobs each. */
  claimFor(sessionIds: string[], limit: number, options?: ClaimOptions): Promise<Claimed[]>;
  readFloors(floors: ClaimFloor[], kinds?: string[]): Promise<FloorReading>;
  /** Answers only what needs attention: nothing when all was completed. */
  complete(leases: Lease[], result?: unknown): Promise<LeaseAnswer[]>;
  fail(
    leases: Lease[],
    options?: { retryAfterSeconds?: number; isRetryable?: boolean },
  ): Promise<LeaseAnswer[]>;
  release(leases: Lease[]): Promise<LeaseAnswer[]>;
  snooze(leases: Lease[], delaySeconds: number): Promise<LeaseAnswer[]>;
  /** Answers only what was refused. */
  report(leases: Lease[]): Promise<LeaseAnswer[]>;
  heartbeat(beats: { sessionId: string; held: Lease[] }[]): Promise<BeatAnswer[]>;
  cancel(ids: string[]): Promise<LeaseAnswer[]>;
  retry(ids: string[]): Promise<LeaseAnswer[]>;
  rescue(sessionIds: string[]): Promise<number>;
  timeOut(): Promise<number>;
  promote(ids: string[]): Promise<number>;
  unblock(): Promise<number>;
  closeSession(sessionId: string): Promise<number>;
  revokeWorker(workerId: string): Promise<void>;
}

/** Makes an actor of one org from a connection that is nobody else's. */
export const createActor = async (client: pg.ClientBase, orgId: number): Promise<Actor> => {
  let last: Promise<unknown> = Promise.resolve();
  // One after the other, as a connection does it: several claimers may share an actor.
  const rowsOf = async <Row extends pg.QueryResultRow>(
    sql: string,
    params: unknown[] = [],
  ): Promise<Row[]> => {
    const answer = last.then(() => client.query<Row>(sql, params));
    last = answer.catch(() => {});
    return (await answer).rows;
  };
  const count = async (sql: string, params: unknown[]): Promise<number> =>
    (await rowsOf<{ count: number }>(`select ${sql} as count`, params))[0]!.count;
  const finish = (verb: string, items: object[]): Promise<LeaseAnswer[]> =>
    rowsOf(`select * from longshore.${verb}($1, $2)`, [orgId, JSON.stringify(items)]);
  const claimFor: Actor['claimFor'] = (sessionIds, limit, { kinds = ['work'], floors = [] } = {}) =>
    rowsOf(
      "select * from longshore.claim_jobs($1, $2, $3, $4, $5, '{}', null, -32768, 32767, null, $6, $7)",
      [
        orgId,
        sessionIds,
        sessionIds.map(() => limit),
        randomBytes(16),
        kinds,
        floors.map((floor) => floor.routeId),
        floors.map((floor) => floor.floor),
      ],
    );

  return {
    pid: await pidOf(client),
    orgId,
    begin: async () => void (await rowsOf('begin')),
    commit: async () => void (await rowsOf('commit')),
    rollback: async () => void (await rowsOf('rollback')),
    run: rowsOf,
    submit: async (jobs, kind = 'work') => {
      const items = jobs.map((job) => ({ id: uuidV7(), max_attempts: 3, is_repeat: 'id' in job, ...job }));
      const rows = await rowsOf<{ item_id: string; job_id: string }>(
        `select answers.*
        from longshore.ensure_route($1, 'default', $2, 0::smallint, '{}', null) as route
        cross join lateral longshore.submit_jobs(
          $1,
          (select json_agg(items.value::jsonb || jsonb_build_object('route_id', route)) from json_array_elements($3) as items),
          null,
          true
        ) as answers`,
        [orgId, kind, JSON.stringify(items)],
      );
      const byItem = new Map(rows.map((row) => [row.item_id, row.job_id]));
      return items.map((item) => byItem.get(item.id)!);
    },
    claim: (sessionId, limit, options) => claimFor([sessionId], limit, options),
    claimFor,
    readFloors: async (floors, kinds = ['work']) => {
      const rows = await rowsOf<
        Record<'first_key' | 'snapshot_min' | 'snapshot_max', string> & { route_id: number }
      >("select * from longshore.claim_floors($1, $2, '{}', null, -32768, 32767, $3, $4)", [
        orgId,
        kinds,
        floors.map((floor) => floor.routeId),
        floors.map((floor) => floor.floor),
      ]);
      return {
        xmin: rows[0]?.snapshot_min ?? '0',
        xmax: rows[0]?.snapshot_max ?? '0',
        lanes: rows.map((row) => ({ routeId: row.route_id, firstKey: row.first_key })),
      };
    },
    complete: (leases, result = null) =>
      rowsOf('select * from longshore.complete_jobs($1, $2, $3, $4)', [
        orgId,
        leases.map(({ id }) => id),
        leases.map(({ lease_token }) => lease_token),
        leases.map(() => JSON.stringify(result)),
      ]),
    fail: (leases, { retryAfterSeconds = 0, isRetryable = true } = {}) =>
      finish(
        'fail_jobs',
        leases.map(({ id, lease_token }) => ({
          id,
          lease_token,
          error: { message: 'on purpose' },
          is_retryable: isRetryable,
          retry_after_seconds: retryAfterSeconds,
        })),
      ),
    release: (leases) =>
      finish(
        'release_jobs',
        leases.map(({ id, lease_token }) => ({ id, lease_token })),
      ),
    snooze: (leases, delaySeconds) =>
      finish(
        'snooze_jobs',
        leases.map(({ id, lease_token }) => ({ id, lease_token, delay_seconds: delaySeconds })),
      ),
    report: (leases) =>
      finish(
        'report_progress',
        leases.map(({ id, lease_token }) => ({ id, lease_token, progress: 0.5, output: [] })),
      ),
    heartbeat: (beats) =>
      rowsOf('select * from longshore.heartbeat_sessions($1, $2)', [
        orgId,
        JSON.stringify(beats.map(({ sessionId, held }) => ({ session_id: sessionId, held }))),
      ]),
    cancel: (ids) => rowsOf("select * from longshore.cancel_jobs($1, $2, 'test', null)", [orgId, ids]),
    retry: (ids) => rowsOf('select * from longshore.retry_jobs($1, $2)', [orgId, ids]),
    rescue: (sessionIds) => count('longshore.rescue_jobs($1, $2)', [orgId, sessionIds]),
    timeOut: async () => (await rowsOf('select * from longshore.time_out_jobs($1, 1000)', [orgId])).length,
    promote: (ids) => count('longshore.promote_jobs($1, $2)', [orgId, ids]),
    unblock: () => count('longshore.unblock_jobs($1, 1000)', [orgId]),
    closeSession: (sessionId) => count('longshore.close_session($1, $2)', [orgId, sessionId]),
    revokeWorker: async (workerId) =>
      void (await rowsOf('select longshore.revoke_worker($1, $2)', [orgId, workerId])),
  };
};

/** Asked for once a connection, as many actors of different orgs may share one. */
const pids = new WeakMap<pg.ClientBase, Promise<number>>();

const pidOf = (client: pg.ClientBase): Promise<number> => {
  const known = pids.get(client);
  if (known) return known;
  const asked = client
    .query<{ pid: number }>('select pg_backend_pid() as pid')
    .then(({ rows }) => rows[0]!.pid);
  pids.set(client, asked);
  return asked;
};
