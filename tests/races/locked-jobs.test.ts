import {
  connect,
  createAdmin,
  createDueReads,
  createJobLifecycle,
  createSessions,
  type Database,
} from '@longshore/db';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Actor, Claimed } from './actor.ts';
import { startWorker } from './start-worker.ts';
import { countDeadlocks, useArena } from './use-arena.ts';

const arena = useArena();
/** As API processes act: as longshore_api, waiting for no lock longer than a second. */
let db: Database;
beforeAll(() => {
  db = connect({ url: arena.database.apiUrl });
});
afterAll(() => db.close());

let deadlocksBefore = 0;
beforeEach(async () => {
  deadlocksBefore = await countDeadlocks(arena.database);
});
afterEach(async () => expect(await countDeadlocks(arena.database)).toBe(deadlocksBefore));

const admin = () => createAdmin(db);
const rescue = (...sessionIds: string[]): Promise<number> =>
  createJobLifecycle(db).rescue(arena.orgId, sessionIds);
const dueSessions = async () => (await createDueReads(db).deadSessions(100)).filter(isMine);
const isMine = ({ orgId }: { orgId: number }): boolean => orgId === arena.orgId;

/** Jobs that the session runs. */
const runJobs = async (actor: Actor, sessionId: string, count: number, job = {}): Promise<Claimed[]> => {
  await actor.submit(Array.from({ length: count }, () => job));
  const held = await actor.claim(sessionId, count);
  expect(held).toHaveLength(count);
  return held;
};
const stateOf = async ({ id }: Claimed) => {
  const { state, attempt, rescues } = await arena.readJob(id);
  return { state, attempt, rescues };
};
const running = { state: 'running', attempt: 1, rescues: 0 };
const back = { state: 'available', attempt: 0, rescues: 0 };
const endOf = async (sessionId: string): Promise<string | null> => {
  const [row] = await arena.database.query<{ end_reason: string | null }>(
    'select end_reason from longshore.worker_sessions where id = $1',
    [sessionId],
  );
  return row!.end_reason;
};
const countClaims = async (sessionId: string): Promise<number> =>
  (await arena.database.query('select from longshore.session_claims where session_id = $1', [sessionId]))
    .length;

/** What a stranger may do to a running job with nothing but the right to submit; it keeps the job locked. */
const holds: Record<string, (stranger: Actor, jobId: string) => Promise<unknown>> = {
  'depends on it': (stranger, jobId) => stranger.submit([{ depends_on: [jobId] }]),
  'repeats its id': (stranger, jobId) => stranger.submit([{ id: jobId }]),
};

describe.each(Object.keys(holds))('a running job held by an open submit that %s', (hold) => {
  const holdJob = async (stranger: Actor, job: Claimed): Promise<void> => {
    await stranger.begin();
    await holds[hold]!(stranger, job.id);
  };

  type Worker = Awaited<ReturnType<typeof startWorker>>;
  const revocations: Record<string, (worker: Worker) => Promise<unknown>> = {
    'of the worker': ({ id }) => admin().revokeWorker(arena.orgId, id),
    'of its last key': ({ keyId }) => admin().revokeKey(arena.orgId, keyId),
    'of all workers': () => admin().revokeAllWorkers(arena.orgId),
  };

  test.each(Object.keys(revocations))(
    'does not delay the revocation %s, and goes back once free',
    async (way) => {
      const [actor, stranger] = await arena.addActors(2);
      const [worker, colleague] = [await startWorker(arena, db), await startWorker(arena, db)];
      const [locked, free] = await runJobs(actor!, worker.sessionId, 2);
      const [other] = await runJobs(actor!, colleague.sessionId, 1);
      await holdJob(stranger!, locked!);

      await revocations[way]!(worker);

      expect(await endOf(worker.sessionId)).toBe('revoked');
      const keys = await arena.database.query(
        'select from longshore.api_keys where id = $1 and revoked_at is not null',
        [worker.keyId],
      );
      expect(keys).toHaveLength(1);
      expect(await stateOf(free!)).toEqual(back);
      expect(await stateOf(other!)).toEqual(way === 'of all workers' ? back : running);
      expect(await actor!.heartbeat([{ sessionId: worker.sessionId, held: [locked!] }])).toEqual([]);

      expect(await rescue(worker.sessionId)).toBe(0);
      expect(await stateOf(locked!)).toEqual(running);
      expect(await dueSessions()).toEqual([
        { orgId: arena.orgId, sessionId: worker.sessionId, hasEnded: true },
      ]);
      await stranger!.commit();
      expect(await rescue(worker.sessionId)).toBe(1);
      expect(await stateOf(locked!)).toEqual(back);
      expect(await dueSessions()).toEqual([]);
      expect(await countClaims(worker.sessionId)).toBe(0);
    },
  );

  test('B-27: does not delay the rescue of others, and is rescued once, and counted once, when it is free', async () => {
    const [actor, stranger] = await arena.addActors(2);
    const [dead, other] = [await arena.openSession(), await arena.openSession()];
    const [locked, free] = await runJobs(actor!, dead, 2);
    const [elsewhere] = await runJobs(actor!, other, 1);
    await holdJob(stranger!, locked!);
    await arena.silence(dead);
    await arena.silence(other);

    expect(await rescue(dead, other)).toBe(2);
    expect(await stateOf(free!)).toEqual({ ...back, rescues: 1 });
    expect(await stateOf(elsewhere!)).toEqual({ ...back, rescues: 1 });
    expect(await endOf(dead)).toBe('dead');
    expect(await rescue(dead, other)).toBe(0);
    await stranger!.rollback();
    expect(await rescue(dead, other)).toBe(1);
    expect(await rescue(dead, other)).toBe(0);
    expect(await stateOf(locked!)).toEqual({ ...back, rescues: 1 });
    expect(await dueSessions()).toEqual([]);
  });

  test('does not keep its worker from saying goodbye', async () => {
    const [actor, stranger] = await arena.addActors(2);
    const { id, sessionId } = await startWorker(arena, db);
    const [locked, free] = await runJobs(actor!, sessionId, 2);
    await holdJob(stranger!, locked!);

    expect(await createSessions(db).close(arena.orgId, id, sessionId)).toBe(1);
    expect(await stateOf(free!)).toEqual(back);
    await stranger!.commit();
    expect(await rescue(sessionId)).toBe(1);
    expect(await stateOf(locked!)).toEqual(back);
  });

  test('does not delay the time-out of others, and times out when it is free', async () => {
    const [actor, stranger] = await arena.addActors(2);
    const session = await arena.openSession();
    const [locked, free] = await runJobs(actor!, session, 2, { timeout_seconds: 0.001, max_attempts: 1 });
    await holdJob(stranger!, locked!);

    const timeOut = () => createJobLifecycle(db).timeOut(arena.orgId);
    expect(await timeOut()).toBe(1);
    expect(await stateOf(free!)).toMatchObject({ state: 'failed' });
    expect(await stateOf(locked!)).toEqual(running);
    expect(await createDueReads(db).orgsToTimeOut(100)).toContain(arena.orgId);
    await stranger!.commit();
    expect(await timeOut()).toBe(1);
    expect(await stateOf(locked!)).toMatchObject({ state: 'failed' });
    expect(await createDueReads(db).orgsToTimeOut(100)).not.toContain(arena.orgId);
  });
});

test('a job that was left and then finished by its silent worker is finished once, and nothing stays due', async () => {
  const [actor, stranger] = await arena.addActors(2);
  const session = await arena.openSession();
  const [job] = await runJobs(actor!, session, 1);
  await stranger!.begin();
  await stranger!.submit([{ depends_on: [job!.id] }]);
  await arena.silence(session);
  expect(await rescue(session)).toBe(0);
  await stranger!.rollback();

  expect(await actor!.complete([job!], 'late')).toEqual([]);
  expect(await rescue(session)).toBe(0);
  expect(await arena.readJob(job!.id)).toMatchObject({ state: 'completed', result: 'late', rescues: 0 });
  expect(await dueSessions()).toEqual([]);
  expect(await countClaims(session)).toBe(0);
});

test('revocations, rescues, claims, heartbeats and time-outs among jobs that strangers lock meet no deadlock', async () => {
  const actors = await arena.addActors(8);
  const [claimer, beater, timer, rescuer, revoker, closer, ...strangers] = actors;
  for (let round = 0; round < 10; round++) {
    const workers = await Promise.all([
      startWorker(arena, db),
      startWorker(arena, db),
      startWorker(arena, db),
    ]);
    const sessionIds = workers.map(({ sessionId }) => sessionId);
    const jobs = [];
    for (const sessionId of sessionIds)
      jobs.push(...(await runJobs(claimer!, sessionId, 4, { timeout_seconds: 0.001 })));
    await arena.silence(sessionIds[1]!);
    const ids = jobs.map(({ id }) => id);
    await Promise.all([
      ...strangers.map(async (stranger, place) => {
        await stranger.begin();
        await stranger.submit([{ depends_on: place === 0 ? ids : ids.toReversed() }]);
        await stranger.rollback();
      }),
      beater!.heartbeat(sessionIds.toReversed().map((sessionId) => ({ sessionId, held: [] }))),
      timer!.timeOut(),
      rescuer!.rescue(sessionIds),
      revoker!.run('select longshore.revoke_org_workers($1)', [arena.orgId]),
      closer!.closeSession(sessionIds[2]!),
      claimer!.claimFor(sessionIds.toReversed(), 2),
    ]);
    await rescuer!.rescue(sessionIds);
    await claimer!.cancel(ids);
    const left = await arena.database.query(
      "select from longshore.jobs where org_id = $1 and state = 'running'",
      [arena.orgId],
    );
    expect(left).toEqual([]);
  }
});
