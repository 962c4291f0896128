import { randomBytes } from 'node:crypto';
import {
  type ClaimedJob,
  type FailItem,
  type FinishAnswer,
  type ReleaseItem,
  type SubmitOptions,
  uuidV7,
  type WorkerPolicyInput,
} from '@longshore/contract';
import {
  createAdmin,
  createJobLifecycle,
  createSessions,
  type Database,
  databaseActor,
  type Session,
} from '@longshore/db';
import { eventually, type TestDatabase } from '@longshore/test-kit';

/** A transaction half-way, as the owner of the schema. */
export interface HalfWay {
  claim(sessionId: string, limit: number): Promise<unknown[]>;
  changePolicy(changes: object): Promise<void>;
  /** Resolves once another connection waits for what this transaction holds. */
  untilSomebodyWaits(): Promise<void>;
  commit(): Promise<void>;
}

export type Ending = 'complete' | 'fail' | 'release' | 'snooze' | 'close' | 'rescue' | 'cancel';

/** A worker with a policy in an org of its own, which acts as the API does: as longshore_api, over a pool. */
export interface Limited {
  readonly orgId: number;
  submit(count: number, options?: Pick<SubmitOptions, 'category' | 'priority'>): Promise<void>;
  /** One that may declare limits of its own by category. */
  openSession(concurrencyLimits?: Record<string, number>): Promise<string>;
  claim(sessionId: string, limit: number): Promise<ClaimedJob[]>;
  /** One claim for several sessions of the worker. */
  claimFor(sessionIds: string[], limit: number): Promise<ClaimedJob[]>;
  /** A claim by what the session is believed to be. */
  claimAs(session: Session, limit: number): Promise<ClaimedJob[]>;
  complete(jobs: ClaimedJob[]): Promise<FinishAnswer[]>;
  release(jobs: ClaimedJob[]): Promise<void>;
  heartbeat(sessionIds: string[]): Promise<void>;
  rescue(sessionIds: string[]): Promise<void>;
  close(sessionId: string): Promise<void>;
  revoke(): Promise<void>;
  change(policy: WorkerPolicyInput): Promise<void>;
  /** Ends running jobs in one of the ways there are. */
  end(ending: Ending, sessionId: string, jobs: ClaimedJob[]): Promise<unknown>;
  /** Jobs of the org that run at this moment: `total`, and by category. */
  running(): Promise<Record<string, number>>;
  /** The most that ever ran at once, as a trigger in the database saw it at each commit of a claim. */
  highWater(): Promise<Record<string, number>>;
  begin(): Promise<HalfWay>;
}

export const makeLimited = async (
  database: TestDatabase,
  db: Database,
  policy: WorkerPolicyInput,
): Promise<Limited> => {
  const admin = createAdmin(db);
  const [lifecycle, sessions] = [createJobLifecycle(db), createSessions(db)];
  const slug = `limited-${uuidV7()}`.slice(0, 60);
  await admin.createOrg(slug);
  const orgId = await admin.orgIdOf(slug);
  const { id } = await admin.registerWorker(orgId, { name: 'limited', ...policy });
  await watch(database);

  const claimAs: Limited['claimAs'] = async (session, limit) => claimSeats(session, [session.id], limit);
  const claimSeats = async (session: Session, sessionIds: string[], limit: number): Promise<ClaimedJob[]> => {
    const seats = sessionIds.map((sessionId) => ({ sessionId, limit }));
    const limitedWorkerId = session.isLimited ? session.workerId : null;
    const { bySession } = await lifecycle.claim(orgId, {
      filter: session.filter,
      limitedWorkerId,
      seats,
      floors: [],
    });
    return [...bySession.values()].flat().map(({ text }) => JSON.parse(text));
  };
  const claimFor: Limited['claimFor'] = async (sessionIds, limit) => {
    const session = await sessions.find(orgId, sessionIds[0]!);
    return session ? claimSeats(session, sessionIds, limit) : [];
  };

  const endings: Record<Ending, (sessionId: string, held: ReleaseItem[]) => Promise<unknown>> = {
    complete: (_, held) => lifecycle.complete(orgId, held),
    fail: (_, held) => lifecycle.fail(orgId, withError(held)),
    release: (_, held) => lifecycle.release(orgId, held),
    snooze: (_, held) =>
      lifecycle.snooze(
        orgId,
        held.map((lease) => ({ ...lease, delaySeconds: 3_600 })),
      ),
    close: (sessionId) => sessions.close(orgId, id, sessionId),
    rescue: async (sessionId) => {
      await database.query(
        "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 hour' where id = $1",
        [sessionId],
      );
      await lifecycle.rescue(orgId, [sessionId]);
    },
    cancel: async (_, held) => {
      const ids = held.map((lease) => lease.id);
      await lifecycle.cancel(orgId, ids, { actor: databaseActor, reason: null });
      await lifecycle.fail(orgId, withError(held));
    },
  };

  return {
    orgId,
    submit: async (count, options = {}) => {
      const jobs = Array.from({ length: count }, () => ({ kind: 'work', payload: null, ...options }));
      await lifecycle.submit(orgId, jobs, { isAtomic: true, createdBy: null });
    },
    openSession: async (concurrencyLimits) =>
      (await sessions.open(orgId, id, { kinds: ['work'], concurrency: 100, concurrencyLimits })).sessionId,
    claim: (sessionId, limit) => claimFor([sessionId], limit),
    claimFor,
    claimAs,
    complete: async (jobs) => (jobs.length > 0 ? lifecycle.complete(orgId, leases(jobs)) : []),
    release: async (jobs) => {
      if (jobs.length > 0) await lifecycle.release(orgId, leases(jobs));
    },
    heartbeat: async (sessionIds) =>
      void (await lifecycle.heartbeat(
        orgId,
        sessionIds.map((sessionId) => ({ sessionId, held: [] })),
      )),
    rescue: async (sessionIds) => void (await lifecycle.rescue(orgId, sessionIds)),
    close: async (sessionId) => void (await sessions.close(orgId, id, sessionId)),
    revoke: () => admin.revokeWorker(orgId, id),
    change: (changes) => admin.updateWorker(orgId, { id, ...changes }),
    end: (ending, sessionId, jobs) => endings[ending](sessionId, leases(jobs)),
    running: () => countRunning(database, orgId),
    highWater: async () => {
      const rows = await database.query<{ category: string; running: number }>(
        'select category, max(running) as running from longshore_watch.loads where org_id = $1 group by category',
        [orgId],
      );
      return Object.fromEntries(rows.map(({ category, running }) => [category, running]));
    },
    begin: () => beginHalfWay(database, orgId, id),
  };
};

const leases = (jobs: ClaimedJob[]): ReleaseItem[] => jobs.map(({ id, leaseToken }) => ({ id, leaseToken }));

const withError = (held: ReleaseItem[]): FailItem[] =>
  held.map((lease) => ({ ...lease, error: { message: 'on purpose' } }));

const countRunning = async (database: TestDatabase, orgId: number): Promise<Record<string, number>> => {
  const rows = await database.query<{ category: string | null; running: number }>(
    `select routes.category, count(*)::int as running
    from longshore.jobs
    join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id
    where jobs.org_id = $1 and jobs.state = 'running'
    group by routes.category`,
    [orgId],
  );
  const total = rows.reduce((sum, { running }) => sum + running, 0);
  return {
    total,
    ...Object.fromEntries(rows.flatMap((row) => (row.category ? [[row.category, row.running]] : []))),
  };
};

/** Notes with each claim, before it commits, how many jobs of the org run then. */
const watch = (database: TestDatabase): Promise<unknown> =>
  database.query(`
    create schema if not exists longshore_watch;
    create table if not exists longshore_watch.loads (org_id int, category text, running int);
    create or replace function longshore_watch.note() returns trigger language plpgsql security definer as $$
    begin
      insert into longshore_watch.loads
      select jobs.org_id, coalesce(routes.category, 'total'), count(*)
      from longshore.jobs
      join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id
      where jobs.org_id = new.org_id and jobs.state = 'running'
      group by grouping sets ((jobs.org_id), (jobs.org_id, routes.category))
      having grouping(routes.category) = 1 or routes.category is not null;
      return null;
    end
    $$;
    drop trigger if exists longshore_watch on longshore.session_claims;
    create constraint trigger longshore_watch after insert on longshore.session_claims
    deferrable initially deferred for each row execute function longshore_watch.note();
  `);

const beginHalfWay = async (database: TestDatabase, orgId: number, workerId: string): Promise<HalfWay> => {
  const client = await database.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  await client.query('begin');
  return {
    claim: async (sessionId, limit) =>
      (
        await client.query(
          `select claimed.* from longshore.worker_sessions as sessions
          cross join lateral longshore.claim_jobs(
            $1, array[sessions.id], array[$3::int], $4, sessions.kinds, sessions.capabilities, sessions.queues,
            sessions.priority_min, sessions.priority_max, case when sessions.is_limited then sessions.worker_id end, '{}', '{}'
          ) as claimed
          where sessions.org_id = $1 and sessions.id = $2`,
          [orgId, sessionId, limit, randomBytes(16)],
        )
      ).rows,
    changePolicy: async (changes) => {
      await client.query('select longshore.change_worker_policy($1, $2, $3)', [orgId, workerId, changes]);
    },
    untilSomebodyWaits: async () => {
      await eventually(
        async () =>
          (
            await database.query(
              'select from pg_stat_activity where datname = current_database() and $1 = any (pg_blocking_pids(pid))',
              [rows[0]!.pid],
            )
          ).length > 0,
        { pollMs: 5 },
      );
    },
    commit: async () => void (await client.query('commit')),
  };
};
