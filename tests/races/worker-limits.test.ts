import { connect, createAdmin, createSessions, type Database } from '@longshore/db';
import { steerClock, useDatabase } from '@longshore/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Limited, makeLimited } from './limited-worker.ts';
import { countDeadlocks } from './use-arena.ts';

const database = useDatabase();
const clock = steerClock(database);
let db: Database;
let scene: Limited;

beforeAll(() => {
  db = connect({ url: database.apiUrl, poolSize: 8 });
});
afterAll(() => db.close());

let before = 0;
beforeEach(async () => {
  before = await countDeadlocks(database);
});
afterEach(async () => expect(await countDeadlocks(database)).toBe(before));

describe('64 claims over 8 connections of a worker with 5 jobs at most, 2 of one category', () => {
  beforeEach(async () => {
    scene = await makeLimited(database, db, { maxConcurrentJobs: 5, categoryLimits: { a: 2 } });
  });

  test('never hold more than that, and all of it while there is work', async () => {
    const { submit, openSession, claim, complete, running } = scene;
    await submit(200, { category: 'a' });
    await submit(200);
    const sessions = [await openSession(), await openSession(), await openSession()];
    const loads: Record<string, number>[] = [];
    const claimer = async (place: number): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const jobs = await claim(sessions[place % 3]!, 10);
        loads.push(await running());
        await complete(jobs);
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, place) => claimer(place)));

    expect(Math.max(...loads.map((load) => load.total!))).toBe(5);
    expect(Math.max(...loads.map((load) => load.a ?? 0))).toBe(2);
    expect(await scene.highWater()).toEqual({ total: 5, a: 2 });
    await Promise.all(sessions.map((session) => claim(session, 100)));
    expect(await running()).toMatchObject({ total: 5, a: 2 });
  });

  test('meet no deadlock with heartbeats, rescues, policy changes and the end of their sessions', async () => {
    const { submit, openSession, claim, release, heartbeat, rescue, close, change, highWater } = scene;
    await submit(300, { category: 'a' });
    await submit(300);
    const sessions = await Promise.all(Array.from({ length: 6 }, () => openSession()));
    const claimer = async (place: number): Promise<void> => {
      for (let round = 0; round < 10; round++)
        await release(await claim(sessions[(place + round) % sessions.length]!, 1 + (round % 4)));
    };
    const disturber = async (): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        await heartbeat(sessions);
        await rescue(sessions);
        await change({ metadata: { round } });
        if (round % 4 === 3) await close(sessions[round % sessions.length]!);
      }
    };
    await Promise.all([...Array.from({ length: 16 }, (_, place) => claimer(place)), disturber()]);
    expect((await highWater()).total).toBeLessThanOrEqual(5);
    await scene.revoke();
    expect(await scene.running()).toEqual({ total: 0 });
  });
});

test('B-51: a batch claim of ten for a worker with one place takes exactly one', async () => {
  const { submit, openSession, claim, claimFor } = await makeLimited(database, db, { maxConcurrentJobs: 1 });
  await submit(20);
  const [one, other] = [await openSession(), await openSession()];
  expect(await claimFor([one, other], 10)).toHaveLength(1);
  expect(await claim(one, 10)).toEqual([]);
});

test('B-07: a zombie’s finish frees no place, and a finish that is repeated frees its place once', async () => {
  const { submit, openSession, claim, complete, rescue, running } = await makeLimited(database, db, {
    maxConcurrentJobs: 1,
  });
  await submit(5);
  const zombie = await openSession();
  const lost = await claim(zombie, 1);
  await clock.advance(60);
  await rescue([zombie]);
  const session = await openSession();
  const held = await claim(session, 5);
  expect(held).toHaveLength(1);

  expect(await complete(lost)).toMatchObject([{ ok: false }]);
  expect(await claim(session, 5)).toEqual([]);
  await complete(held);
  await complete(held);
  expect(await claim(session, 5)).toHaveLength(1);
  expect(await running()).toMatchObject({ total: 1 });
});

describe('a place is free again at once', () => {
  test.each(['complete', 'fail', 'release', 'snooze', 'close', 'rescue', 'cancel'] as const)(
    'after %s',
    async (verb) => {
      const limited = await makeLimited(database, db, { maxConcurrentJobs: 2, categoryLimits: { a: 2 } });
      const { submit, openSession, claim } = limited;
      await submit(10, { category: 'a' });
      const session = await openSession();
      const jobs = await claim(session, 10);
      expect(jobs).toHaveLength(2);
      await limited.end(verb, session, jobs);
      const next = verb === 'close' || verb === 'rescue' ? await openSession() : session;
      expect(await claim(next, 10)).toHaveLength(2);
    },
  );
});

describe('a policy that changes while a claim is under way', () => {
  test('waits for the claim, and holds for the next one', async () => {
    const { submit, openSession, begin, change, claim } = await makeLimited(database, db, {});
    await submit(10);
    const session = await openSession();
    const claimer = await begin();
    expect(await claimer.claim(session, 3)).toHaveLength(3);
    const changed = change({ maxConcurrentJobs: 3 });
    await claimer.untilSomebodyWaits();
    await claimer.commit();
    await changed;
    expect(await claim(session, 10)).toEqual([]);
    await change({ maxConcurrentJobs: null });
    expect(await claim(session, 10)).toHaveLength(7);
  });

  test('is seen by a claim that waited for it, which goes by what it was grouped by and gets nothing', async () => {
    const limited = await makeLimited(database, db, {});
    await limited.submit(10);
    const session = await limited.openSession();
    const stale = (await createSessions(db).find(limited.orgId, session))!;
    const changer = await limited.begin();
    await changer.changePolicy({ allowed_kinds: ['other'] });
    const claimed = limited.claimAs(stale, 10);
    await changer.untilSomebodyWaits();
    await changer.commit();
    expect(await claimed).toEqual([]);
  });
});

describe('jobs a minute', () => {
  test('are a minute’s worth at once, then as many as flow back, one by one', async () => {
    const { submit, openSession, claim, complete } = await makeLimited(database, db, { claimsPerMinute: 6 });
    await submit(50);
    const session = await openSession();
    for (let place = 0; place < 6; place++) await complete(await claim(session, 1));
    expect(await claim(session, 10)).toEqual([]);
    await clock.advance(10);
    expect(await claim(session, 10)).toHaveLength(1);
    await clock.advance(30);
    expect(await claim(session, 10)).toHaveLength(3);
    await clock.advance(600);
    expect(await claim(session, 10)).toHaveLength(6);
  });

  test('are counted exactly by claims at the same time', async () => {
    const { submit, openSession, claim } = await makeLimited(database, db, { claimsPerMinute: 7 });
    await submit(100);
    const sessions = [await openSession(), await openSession()];
    const claims = await Promise.all(
      Array.from({ length: 32 }, (_, place) => claim(sessions[place % 2]!, 3)),
    );
    expect(claims.flat()).toHaveLength(7);
  });
});

test('a worker that has expired gets no more jobs, and finishes what it has', async () => {
  const { submit, openSession, claim, complete } = await makeLimited(database, db, { expiresInSeconds: 60 });
  await submit(2);
  const session = await openSession();
  const held = await claim(session, 1);
  await clock.advance(61);
  expect(await claim(session, 1)).toEqual([]);
  await expect(openSession()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await complete(held)).toMatchObject([{ ok: true }]);
});

test('what a worker that has expired held goes to others, and does not count against the jobs', async () => {
  const { submit, openSession, claim, rescue } = await makeLimited(database, db, { expiresInSeconds: 60 });
  await submit(1);
  const session = await openSession();
  const [job] = await claim(session, 1);
  await clock.advance(7_200);
  await rescue([session]);
  const [row] = await database.query('select state, rescues, attempt from longshore.jobs where id = $1', [
    job!.id,
  ]);
  expect(row).toEqual({ state: 'available', rescues: 0, attempt: 0 });
});

test('smaller priorities first, whatever their category; within one priority whoever waits longest', async () => {
  const { submit, openSession, claim, complete } = await makeLimited(database, db, {
    maxConcurrentJobs: 2,
    categoryLimits: { a: 1, b: 1 },
  });
  await submit(1);
  await submit(2, { category: 'b' });
  await submit(2, { category: 'a' });
  await submit(2, { category: 'a', priority: -1 });
  const session = await openSession();
  const order: string[] = [];
  for (let jobs = await claim(session, 2); jobs.length > 0; jobs = await claim(session, 2)) {
    order.push(jobs.map(({ priority, category }) => `${priority}${category ?? '-'}`).join(' '));
    await complete(jobs);
  }
  expect(order).toEqual(['-1a 0-', '-1a 0b', '0b 0a', '0a']);
});

test('the claims that a worker has finished are forgotten on the way, so that counting stays cheap', async () => {
  const { submit, openSession, claim, complete, orgId } = await makeLimited(database, db, {
    maxConcurrentJobs: 2,
  });
  await submit(40);
  const session = await openSession();
  for (let round = 0; round < 10; round++) await complete(await claim(session, 2));
  await claim(session, 2);
  const rows = await database.query('select from longshore.session_claims where org_id = $1', [orgId]);
  expect(rows).toHaveLength(1);
});

test('limits of one worker hold back no other', async () => {
  const { orgId, submit, openSession, claim } = await makeLimited(database, db, { maxConcurrentJobs: 3 });
  await submit(5);
  const plain = await createAdmin(db).registerWorker(orgId, { name: 'plain' });
  const sessions = createSessions(db);
  const { sessionId } = await sessions.open(orgId, plain.id, { kinds: ['work'] });
  expect(await claim(await openSession(), 10)).toHaveLength(3);
  expect(await claim(sessionId, 10)).toHaveLength(2);
});
