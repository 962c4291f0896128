import type { ClaimedJob } from '@longshore/contract';
import { connect, type Database } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Limited, makeLimited } from './limited-worker.ts';
import { countDeadlocks } from './use-arena.ts';

const database = useDatabase();
let db: Database;

beforeAll(() => {
  db = connect({ url: database.apiUrl, poolSize: 8 });
});
afterAll(() => db.close());

let before = 0;
beforeEach(async () => {
  before = await countDeadlocks(database);
});
afterEach(async () => expect(await countDeadlocks(database)).toBe(before));

const categoriesOf = (jobs: ClaimedJob[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(jobs, ({ category }) => category ?? '-')].map(([name, of]) => [name, of.length]),
  );

/** Jobs of the session that run, by category. */
const runningFor = async (session: string): Promise<Record<string, number>> => {
  const [row] = await database.query<{ running: Record<string, number> }>(
    'select running_by_category as running from longshore.worker_health where session_id = $1',
    [session],
  );
  return row!.running;
};

test('a session gets no more jobs of a category than it declared, and any number of others', async () => {
  const { submit, openSession, claim, complete } = await makeLimited(database, db, {});
  for (const category of ['inference', 'embeddings', 'mail']) await submit(10, { category });
  await submit(5);
  const session = await openSession({ inference: 5, embeddings: 2 });
  const jobs = await claim(session, 100);
  expect(categoriesOf(jobs)).toEqual({ inference: 5, embeddings: 2, mail: 10, '-': 5 });
  expect(await claim(session, 100)).toEqual([]);

  await complete(jobs.filter(({ category }) => category === 'inference').slice(0, 3));
  expect(categoriesOf(await claim(session, 100))).toEqual({ inference: 3 });
});

test('a category with the limit 0 is none of the session’s', async () => {
  const { submit, openSession, claim } = await makeLimited(database, db, {});
  await submit(3, { category: 'a' });
  expect(await claim(await openSession({ a: 0 }), 10)).toEqual([]);
  expect(await claim(await openSession({ a: 2 }), 10)).toHaveLength(2);
});

test('what one session declared holds back no other session of the worker', async () => {
  const { submit, openSession, claim, claimFor } = await makeLimited(database, db, {});
  await submit(20, { category: 'a' });
  const [narrow, wide, plain] = [
    await openSession({ a: 1 }),
    await openSession({ a: 4 }),
    await openSession(),
  ];
  expect(await claimFor([narrow, wide], 10)).toHaveLength(5);
  expect(await claimFor([narrow, wide], 10)).toEqual([]);
  expect(await claim(plain, 10)).toHaveLength(10);
});

test('one that is full is passed over in a claim for several', async () => {
  const { submit, openSession, claim, claimFor } = await makeLimited(database, db, {});
  await submit(4, { category: 'a' });
  const [full, free] = [await openSession({ a: 1 }), await openSession({ a: 2 })];
  expect(await claim(full, 10)).toHaveLength(1);
  expect(await claimFor([full, free], 10)).toHaveLength(2);
  expect([await runningFor(full), await runningFor(free)]).toEqual([{ a: 1 }, { a: 2 }]);
});

test('the policy of the worker counts all its sessions, the declared limits one: the smaller holds', async () => {
  const { submit, openSession, claim, change } = await makeLimited(database, db, {
    categoryLimits: { a: 5 },
  });
  await submit(30, { category: 'a' });
  const [one, other] = [await openSession({ a: 3 }), await openSession({ a: 9 })];
  expect(await claim(one, 10)).toHaveLength(3);
  expect(await claim(other, 10)).toHaveLength(2);
  await change({ categoryLimits: {} });
  expect(await claim(one, 10)).toEqual([]);
  expect(await claim(other, 10)).toHaveLength(7);
});

test('48 claims over 8 connections of three sessions with limits of their own never exceed them', async () => {
  const { submit, openSession, claim, complete, heartbeat, rescue, change } = await makeLimited(
    database,
    db,
    {},
  );
  await submit(300, { category: 'a' });
  await submit(300, { category: 'b' });
  const limits = [{ a: 2, b: 3 }, { a: 1 }, { a: 4, b: 1 }];
  const sessions = await Promise.all(limits.map((limit) => openSession(limit)));
  const seen: { place: number; running: Record<string, number> }[] = [];
  const claimer = async (place: number): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      const jobs = await claim(sessions[place]!, 5);
      seen.push({ place, running: await runningFor(sessions[place]!) });
      await complete(jobs);
    }
  };
  const disturber = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      await heartbeat(sessions);
      await rescue(sessions);
      await change({ metadata: { round } });
    }
  };
  await Promise.all([...Array.from({ length: 48 }, (_, index) => claimer(index % 3)), disturber()]);

  for (const { place, running } of seen)
    for (const [category, limit] of Object.entries(limits[place]!))
      expect(running[category] ?? 0).toBeLessThanOrEqual(limit);
  await Promise.all(sessions.map((session) => claim(session, 4)));
  expect((await runningFor(sessions[0]!)).a).toBe(2);
});

test.each(['complete', 'fail', 'release', 'snooze', 'cancel'] as const)(
  'a place that the session declared is free again at once after %s',
  async (verb) => {
    const limited: Limited = await makeLimited(database, db, {});
    const { submit, openSession, claim } = limited;
    await submit(10, { category: 'a' });
    const session = await openSession({ a: 2 });
    const jobs = await claim(session, 10);
    expect(jobs).toHaveLength(2);
    await limited.end(verb, session, jobs);
    expect(await claim(session, 10)).toHaveLength(2);
  },
);
