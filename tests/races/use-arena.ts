import { type JobState, uuidV7 } from '@longshore/contract';
import {
  eventually,
  type SteeredClock,
  steerClock,
  type TestDatabase,
  useDatabase,
} from '@longshore/test-kit';
import { beforeEach } from 'vitest';
import { type Actor, createActor } from './actor.ts';

/** A job as the database has it, live or finished. */
export interface JobRow {
  state: JobState;
  epoch: number;
  attempt: number;
  rescues: number;
  session_id: string | null;
  result: unknown;
}

/** A database with an org and a worker of each test's own, for races between connections. */
export interface Arena {
  readonly database: TestDatabase;
  readonly clock: SteeredClock;
  readonly orgId: number;
  addActor(): Promise<Actor>;
  addActors(count: number): Promise<Actor[]>;
  /** A session with a lease of 15 s that has just sent its first heartbeat. */
  openSession(at?: { host: string; pid: number }): Promise<string>;
  /** A session whose lease has run out, as its id; jobs may still be claimed for it first. */
  silence(sessionId: string): Promise<void>;
  readJob(id: string): Promise<JobRow>;
  /** Resolves once the actor's statement waits for a lock that another holds. */
  untilBlocked(actor: Actor): Promise<void>;
}

/** Opens the database before the file's tests, and an org before each. Usable in tests and later hooks. */
export const useArena = (): Arena => {
  const database = useDatabase();
  const clock = steerClock(database);
  let orgId = 0;
  let workerId = '';
  beforeEach(async () => {
    ({ orgId, workerId } = await makeOrg(database));
  });

  const addActor = async (): Promise<Actor> => createActor(await database.connect(), orgId);
  return {
    database,
    clock,
    get orgId() {
      return orgId;
    },
    addActor,
    addActors: (count) => Promise.all(Array.from({ length: count }, addActor)),
    openSession: (at) => openSession(database, { orgId, workerId, host: at?.host, pid: at?.pid }),
    silence: async (sessionId) => {
      await database.query(
        "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 hour' where id = $1",
        [sessionId],
      );
    },
    readJob: async (id) => {
      const rows = await database.query<JobRow>(
        `select state, epoch, attempt, rescues, session_id, result from longshore.all_jobs where org_id = $1 and id = $2`,
        [orgId, id],
      );
      if (rows.length !== 1) throw new Error(`${rows.length} rows of job ${id}`);
      return rows[0]!;
    },
    untilBlocked: async ({ pid }) => {
      await eventually(
        async () =>
          (await database.query('select from pg_locks where pid = $1 and not granted', [pid])).length > 0,
        { pollMs: 2 },
      );
    },
  };
};

export const makeOrg = async (
  database: Pick<TestDatabase, 'query'>,
): Promise<{ orgId: number; workerId: string }> => {
  const [org] = await database.query<{ id: number }>(
    "insert into longshore.orgs (slug) select 'arena-' || count(*) from longshore.orgs returning id",
  );
  const workerId = uuidV7();
  await database.query("insert into longshore.workers (org_id, id, name) values ($1, $2, 'twin')", [
    org!.id,
    workerId,
  ]);
  return { orgId: org!.id, workerId };
};

export const openSession = async (
  database: Pick<TestDatabase, 'query'>,
  session: { orgId: number; workerId: string; host?: string | undefined; pid?: number | undefined },
): Promise<string> => {
  const sessionId = uuidV7();
  await database.query(
    `insert into longshore.worker_sessions (
      org_id, id, worker_id, kinds, capabilities, concurrency, lease_seconds, host, pid, started_at, heartbeat_at
    ) values ($1, $2, $3, '{work}', '{}', 1000, 15, $4, $5, longshore.now(), longshore.now())`,
    [session.orgId, sessionId, session.workerId, session.host ?? null, session.pid ?? null],
  );
  return sessionId;
};

/** Deadlocks in the database so far. */
export const countDeadlocks = async (database: TestDatabase): Promise<number> => {
  await database.query('select pg_stat_force_next_flush()');
  const [row] = await database.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  return row!.deadlocks;
};
