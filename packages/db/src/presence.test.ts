import { type OpenSessionInput, uuidV7, type WorkerPolicyInput } from '@longshore/contract';
import { steerClock, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { connect, type Database } from './connect.ts';
import { createJobLifecycle } from './job-lifecycle.ts';
import { createPresence, type Presence } from './presence.ts';
import { createSessions } from './sessions.ts';

const database = useDatabase();
const clock = steerClock(database);
let db: Database;
let presence: Presence;
let orgId: number;
let workerId: string;

beforeAll(() => {
  db = connect({ url: database.apiUrl });
  presence = createPresence(db);
});
afterAll(() => db.close());
beforeEach(async () => {
  const owner = connect({ url: database.url, poolSize: 1 });
  const slug = `org-${uuidV7()}`;
  await createAdmin(owner).createOrg(slug);
  orgId = await createAdmin(owner).orgIdOf(slug);
  await owner.close();
  workerId = await register({});
});

const register = async (policy: WorkerPolicyInput) =>
  (await createAdmin(db).registerWorker(orgId, { name: 'present', ...policy })).id;
const open = async (input: Partial<OpenSessionInput> = {}, worker = workerId) => {
  const { sessionId } = await createSessions(db).open(orgId, worker, { kinds: ['mail'], ...input });
  return sessionId;
};
/** Submits jobs and has the session claim them. */
const run = async (sessionId: string, count: number, category?: string) => {
  const lifecycle = createJobLifecycle(db);
  const jobs = Array.from({ length: count }, () => ({ kind: 'mail', payload: null, category }));
  await lifecycle.submit(orgId, jobs, { isAtomic: true, createdBy: null });
  const session = (await createSessions(db).find(orgId, sessionId))!;
  const { bySession } = await lifecycle.claim(orgId, {
    filter: session.filter,
    limitedWorkerId: session.isLimited ? session.workerId : null,
    seats: [{ sessionId, limit: count }],
    floors: [],
  });
  return (bySession.get(sessionId) ?? []).map(({ id }) => id);
};
const drain = (sessionId: string) =>
  database.query('update longshore.worker_sessions set is_draining = true where id = $1', [sessionId]);
const stateOf = async (id: string) =>
  (await presence.listSessions(orgId)).find(({ sessionId }) => sessionId === id)?.state;

test('a session is available, busy at its concurrency, draining, unhealthy after two heartbeats, offline with its lease', async () => {
  const sessionId = await open({ concurrency: 2, leaseSeconds: 30 });
  expect(await stateOf(sessionId)).toBe('available');
  await run(sessionId, 1);
  expect(await stateOf(sessionId)).toBe('available');
  await run(sessionId, 1);
  expect(await stateOf(sessionId)).toBe('busy');
  await drain(sessionId);
  expect(await stateOf(sessionId)).toBe('draining');
  await clock.advance(21);
  expect(await stateOf(sessionId)).toBe('unhealthy');
  await createJobLifecycle(db).heartbeat(orgId, [{ sessionId, held: [] }]);
  expect(await stateOf(sessionId)).not.toBe('unhealthy');
  await clock.advance(31);
  expect(await stateOf(sessionId)).toBe('offline');
});

test('a session shows what it is, what it runs and in which categories', async () => {
  const gpu = { name: 'gpu', attributes: { memoryGb: 80 } };
  const sessionId = await open({
    capabilities: ['linux', gpu],
    concurrency: 200,
    concurrencyLimits: { a: 150 },
    host: 'box',
    pid: 7,
    version: '1.2.3',
    sdkVersion: '0.1.0',
  });
  const jobs = [
    ...(await run(sessionId, 101, 'a')),
    ...(await run(sessionId, 2, 'b')),
    ...(await run(sessionId, 1)),
  ];
  const [session] = await presence.listSessions(orgId);
  expect(session).toMatchObject({
    sessionId,
    workerId,
    workerName: 'present',
    state: 'available',
    runningJobs: 104,
    runningByCategory: { a: 101, b: 2 },
    concurrency: 200,
    categoryLimits: { a: 150 },
    kinds: ['mail'],
    capabilities: ['gpu', 'linux'],
    attributes: { gpu: { memoryGb: 80 } },
    queues: null,
    host: 'box',
    pid: 7,
    version: '1.2.3',
    sdkVersion: '0.1.0',
  });
  expect(session!.runningJobIds).toHaveLength(100);
  expect(jobs).toEqual(expect.arrayContaining(session!.runningJobIds));
});

describe('the session that is picked', () => {
  const pick = async (wanted = {}) => (await presence.pickSession(orgId, wanted))?.sessionId ?? null;

  test('is the one with the smallest part of its concurrency in use, the first of those alike', async () => {
    const [one, other, large] = [
      await open({ concurrency: 2 }),
      await open({ concurrency: 2 }),
      await open({ concurrency: 10 }),
    ];
    expect(await pick()).toBe(one);
    await run(one, 1);
    expect(await pick()).toBe(other);
    await run(other, 1);
    expect(await pick()).toBe(large);
    await run(large, 6);
    expect(await pick()).toBe(one);
  });

  test('has the capability, runs the kind, and is available', async () => {
    const gpu = await open({ capabilities: ['gpu'] });
    const letters = await open({ kinds: ['letter'] });
    expect(await pick({ capability: 'gpu' })).toBe(gpu);
    expect(await pick({ kind: 'letter' })).toBe(letters);
    expect(await pick({ kind: 'letter', capability: 'gpu' })).toBeNull();
    await run(gpu, 1);
    expect(await pick({ capability: 'gpu' })).toBeNull();
    await drain(letters);
    expect(await pick({ kind: 'letter' })).toBeNull();
  });

  test('has room in the category, by what it declared and by the policy of its worker', async () => {
    const declared = await open({
      capabilities: ['gpu'],
      concurrency: 10,
      concurrencyLimits: { a: 1 },
    });
    const limited = await register({ categoryLimits: { a: 2 } });
    const [one, other] = [await open({ concurrency: 4 }, limited), await open({ concurrency: 4 }, limited)];
    await run(declared, 1, 'a');
    expect(await pick({ category: 'b', capability: 'gpu' })).toBe(declared);
    expect(await pick({ category: 'a', capability: 'gpu' })).toBeNull();
    expect(await pick({ category: 'a' })).toBe(one);
    await run(one, 1, 'a');
    expect(await pick({ category: 'a' })).toBe(other);
    await run(other, 1, 'a');
    expect(await pick({ category: 'a' })).toBeNull();
  });

  test('is of no worker that is full, and of no other org', async () => {
    const full = await register({ maxConcurrentJobs: 1 });
    await run(await open({ concurrency: 5 }, full), 1);
    await open({ concurrency: 5 }, full);
    expect(await pick()).toBeNull();
    await open();
    const theirs = orgId + 1_000;
    expect(await presence.pickSession(theirs, {})).toBeNull();
  });
});

describe('what differs from what a process knows', () => {
  const changesOf = async (known: string[], endedSeconds = 0) =>
    (
      await presence.sessionChanges(
        known.map((sessionId) => ({ orgId, sessionId })),
        endedSeconds,
      )
    ).filter((change) => change.orgId === orgId);

  test('is each session that is open and unknown, with what it is', async () => {
    const [known, unknown] = [await open(), await open({ host: 'box' })];
    expect(await changesOf([known])).toMatchObject([
      {
        sessionId: unknown,
        isOpen: true,
        worker: { sessionId: unknown, workerName: 'present', host: 'box' },
      },
    ]);
    expect(await changesOf([known, unknown])).toEqual([]);
  });

  test.each(['closed', 'dead', 'revoked'] as const)(
    'is each that is known and has ended, with the jobs it held then: %s',
    async (reason) => {
      const sessionId = await open({ concurrency: 5, leaseSeconds: 10 });
      const [done, ...held] = await run(sessionId, 3);
      await database.query('delete from longshore.jobs where id = $1', [done]);
      if (reason === 'closed') await createSessions(db).close(orgId, workerId, sessionId);
      if (reason === 'revoked') await createAdmin(db).revokeWorker(orgId, workerId);
      if (reason === 'dead') {
        await clock.advance(11);
        await createJobLifecycle(db).rescue(orgId, [sessionId]);
      }
      expect(await changesOf([sessionId])).toEqual([
        {
          orgId,
          sessionId,
          isOpen: false,
          reason,
          worker: expect.objectContaining({ sessionId }),
          heldJobIds: held.toSorted(),
        },
      ]);
    },
  );

  test('is each that is unknown and has just ended', async () => {
    const [sessionId, earlier] = [await open(), await open()];
    await createSessions(db).close(orgId, workerId, earlier);
    await clock.advance(30);
    await createSessions(db).close(orgId, workerId, sessionId);
    expect(await changesOf([], 0)).toEqual([]);
    expect(await changesOf([], 20)).toMatchObject([{ sessionId, isOpen: false, worker: { sessionId } }]);
    expect(await changesOf([sessionId], 20)).toHaveLength(1);
  });

  test('is a session of which nothing is left, too', async () => {
    const sessionId = uuidV7();
    expect(await changesOf([sessionId])).toEqual([
      { orgId, sessionId, isOpen: false, worker: null, reason: null, heldJobIds: [] },
    ]);
  });
});

test('a login for dashboards sees worker_health of the orgs it is bound to', async () => {
  await open();
  const client = await database.connect();
  await client.query('set role longshore_reader');
  const states = async () =>
    (await client.query('select state from longshore.worker_health where org_id = $1', [orgId])).rows;
  expect(await states()).toEqual([]);
  await database.query('insert into longshore.org_logins (org_id, login) values ($1, session_user)', [orgId]);
  expect(await states()).toEqual([{ state: 'available' }]);
});
