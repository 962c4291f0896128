import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@longshore/contract';
import {
  canExplainNested,
  explainNested,
  type NestedPlan,
  type TestDatabase,
  useDatabase,
} from '@longshore/test-kit';
import type pg from 'pg';
import { beforeAll, beforeEach } from 'vitest';

/** Statements with their plans, on a database that a test fills as it likes and a connection that has planned nothing yet. */
export interface PlanBench {
  readonly database: TestDatabase;
  readonly orgId: number;
  /** A session of each test's own. */
  readonly session: string;
  /** Runs the statement as the API does, behind row-level security, and gives the plans of all that ran within it. */
  explain(sql: string, params: unknown[]): Promise<NestedPlan[]>;
  makeRoute(requiredCapabilities?: string[], category?: string): Promise<number>;
  /** Gives the worker of all sessions a policy, in the names of its columns. */
  limitWorker(changes: object): Promise<void>;
  readonly workerId: string;
  /** Puts waiting jobs straight into the table. */
  fill(routeId: number, count: number): Promise<void>;
}

/** Opens it before the file's tests; skips them where plans cannot be seen. */
export const usePlans = (): PlanBench => {
  const database = useDatabase();
  let session = '';
  let worker = { orgId: 0, id: '' };
  let client: pg.Client;
  beforeAll(async () => {
    worker = await makeWorker(database);
  });
  beforeEach(async ({ skip }) => {
    client = await database.connect();
    skip(!(await canExplainNested(client)), 'not a superuser of a server with auto_explain');
    session = await openSession(database, worker);
  });

  return {
    database,
    get orgId() {
      return worker.orgId;
    },
    get session() {
      return session;
    },
    explain: (sql, params) => explainNested(client, () => queryAsApi(client, sql, params)),
    get workerId() {
      return worker.id;
    },
    limitWorker: async (changes) => {
      await database.query('select longshore.change_worker_policy($1, $2, $3)', [
        worker.orgId,
        worker.id,
        changes,
      ]);
    },
    makeRoute: async (requiredCapabilities = [], category) => {
      const [row] = await database.query<{ id: number }>(
        "select longshore.ensure_route($1, 'default', 'work', 0::smallint, $2, $3) as id",
        [worker.orgId, requiredCapabilities, category ?? null],
      );
      return row!.id;
    },
    fill: async (routeId, count) => {
      await database.query(
        `insert into longshore.jobs (org_id, id, route_id, order_key, run_at, created_at, state, max_attempts, payload)
        select $1, longshore.uuid_v7(now()), $2, nextval('longshore.job_order'), now(), now(), 'available', 3, '{}'
        from generate_series(1, $3)`,
        [worker.orgId, routeId, count],
      );
    },
  };
};

/** Only a superuser sees plans; the role is what the plans are made for. */
const queryAsApi = async (client: pg.Client, sql: string, params: unknown[]): Promise<void> => {
  await client.query('set role longshore_api');
  try {
    await client.query(sql, params);
  } finally {
    await client.query('reset role');
  }
};

const makeWorker = async (database: TestDatabase): Promise<{ orgId: number; id: string }> => {
  const id = uuidV7();
  const [org] = await database.query<{ id: number }>(
    "insert into longshore.orgs (slug) values ('plans') returning id",
  );
  await database.query("insert into longshore.workers (org_id, id, name) values ($1, $2, 'plain')", [
    org!.id,
    id,
  ]);
  return { orgId: org!.id, id };
};

const openSession = async (
  database: TestDatabase,
  worker: { orgId: number; id: string },
): Promise<string> => {
  const id = uuidV7();
  await database.query(
    `insert into longshore.worker_sessions (
      org_id, id, worker_id, kinds, capabilities, announced, concurrency, lease_seconds, started_at, heartbeat_at
    ) values ($1, $2, $3, '{work}', '{}', '{"kinds": ["work"]}', 1000, 15, now(), now())`,
    [worker.orgId, id, worker.id],
  );
  return id;
};

export const claimCall = (bench: PlanBench, limit: number): [string, unknown[]] =>
  claimCallAs(bench, limit, null);

/** The claim of a session that has limits, or whose worker has. */
export const limitedClaimCall = (
  bench: PlanBench,
  limit: number,
  session = bench.session,
): [string, unknown[]] => claimCallAs({ orgId: bench.orgId, session }, limit, bench.workerId);

const claimCallAs = (
  { orgId, session }: Pick<PlanBench, 'orgId' | 'session'>,
  limit: number,
  limitedWorkerId: string | null,
): [string, unknown[]] => [
  "select * from longshore.claim_jobs($1, $2, $3, $4, '{work}', '{}', null, -32768, 32767, $5, '{}', '{}')",
  [orgId, [session], [limit], randomBytes(16), limitedWorkerId],
];
