import type { SessionInfo, WorkersEvent } from '@longshore/contract';
import { gate } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { createWorkerWatch } from './worker-watch.ts';

const session = (sessionId: string, rest: Partial<SessionInfo> = {}): SessionInfo => ({
  sessionId,
  workerId: 'worker',
  workerName: 'worker',
  kinds: ['mail'],
  capabilities: [],
  attributes: {},
  queues: null,
  concurrency: 1,
  categoryLimits: {},
  host: null,
  pid: null,
  version: null,
  sdkVersion: null,
  connectedAt: '2026-01-01T00:00:00.000Z',
  state: 'available',
  runningJobs: 0,
  runningJobIds: [],
  runningByCategory: {},
  lastHeartbeatAt: '2026-01-01T00:00:00.000Z',
  ...rest,
});

/** A watch over a list that the test changes; each look is counted, and tells who waits for it. */
const makeWatch = (options: { goneMax?: number } = {}) => {
  let listed: SessionInfo[] = [];
  let looks = 0;
  let waiting: { after: number; resolve(): void }[] = [];
  const watch = createWorkerWatch({
    listSessions: async () => {
      looks += 1;
      waiting = waiting.filter(({ after, resolve }) => looks <= after || resolve());
      return listed;
    },
    onError: () => {},
    pollMs: 2,
    ...options,
  });
  return {
    watch,
    set: (...sessions: SessionInfo[]) => {
      listed = sessions;
    },
    looks: () => looks,
    /** Resolves when the list as it is now has been noted. */
    noted: () => new Promise<void>((resolve) => waiting.push({ after: looks + 2, resolve })),
  };
};

const next = async (events: AsyncIterator<{ event: WorkersEvent }>): Promise<WorkersEvent> =>
  (await events.next()).value.event;
const idsOf = ({ sessions }: WorkersEvent): string[] => sessions.map(({ sessionId }) => sessionId);

test('a watcher is told of everybody once, then of what changed', async () => {
  const { watch, set } = makeWatch();
  set(session('a'), session('b'));
  const events = watch.watch(1);
  expect(await next(events)).toMatchObject({
    type: 'all',
    sessions: [{ sessionId: 'a' }, { sessionId: 'b' }],
  });
  set(session('a'), session('b', { state: 'busy' }), session('c'));
  const change = await next(events);
  expect(change).toMatchObject({ type: 'changes', goneIds: [] });
  expect(idsOf(change)).toEqual(['b', 'c']);
  set(session('c'));
  expect(await next(events)).toEqual({ type: 'changes', sessions: [], goneIds: ['a', 'b'] });
  await events.return();
});

test('nobody is told of nobody when nobody is there, and that is told too', async () => {
  const { watch } = makeWatch();
  const events = watch.watch(1);
  expect(await next(events)).toEqual({ type: 'all', sessions: [] });
  await events.return();
});

test('a heartbeat alone is no change', async () => {
  const { watch, set, noted } = makeWatch();
  set(session('a'));
  const events = watch.watch(1);
  await next(events);
  const waiting = next(events);
  set(session('a', { lastHeartbeatAt: '2026-01-01T00:00:05.000Z' }));
  await noted();
  set(session('a', { state: 'draining', lastHeartbeatAt: '2026-01-01T00:00:10.000Z' }));
  expect((await waiting).sessions).toMatchObject([
    { state: 'draining', lastHeartbeatAt: '2026-01-01T00:00:10.000Z' },
  ]);
  await events.return();
});

test('who reads slowly is told the newest state of all that changed, in one event', async () => {
  const { watch, set, noted } = makeWatch();
  set(session('a'), session('b'));
  const events = watch.watch(1);
  await next(events);
  for (const change of [
    [session('a', { runningJobs: 1 }), session('b')],
    [session('a', { runningJobs: 2 }), session('c')],
    [session('a', { runningJobs: 3 }), session('c')],
  ]) {
    set(...change);
    await noted();
  }
  const event = await next(events);
  expect(event).toMatchObject({
    sessions: [{ sessionId: 'a', runningJobs: 3 }, { sessionId: 'c' }],
    goneIds: ['b'],
  });
  await events.return();
});

test('who missed more than is remembered of those that went is told everything again', async () => {
  const { watch, set, noted } = makeWatch({ goneMax: 1 });
  set(session('a'), session('b'), session('c'));
  const events = watch.watch(1);
  await next(events);
  set(session('c'));
  await noted();
  expect(await next(events)).toMatchObject({ type: 'all', sessions: [{ sessionId: 'c' }] });
  await events.return();
});

test('fifty watchers of an org cost one look at a time, and none when they are gone', async () => {
  const { watch, set, looks, noted } = makeWatch();
  set(session('a'));
  const watchers = Array.from({ length: 50 }, () => watch.watch(1));
  const firsts = await Promise.all(watchers.map(next));
  expect(firsts.every(({ type }) => type === 'all')).toBe(true);
  expect(looks()).toBeLessThan(50);
  await noted();
  await Promise.all(watchers.map((events) => events.return()));
  const before = looks();
  const again = watch.watch(1);
  await next(again);
  // One look that was under way may have ended in between.
  expect(looks() - before).toBeLessThanOrEqual(2);
  await again.return();
});

test('a watcher whose caller hangs up ends, and so do all when the process closes', async () => {
  const { watch } = makeWatch();
  const caller = new AbortController();
  const [one, other] = [watch.watch(1, caller.signal), watch.watch(1)];
  await next(one);
  await next(other);
  const ends = [one.next(), other.next()];
  caller.abort();
  expect(await ends[0]).toMatchObject({ done: true });
  watch.close();
  expect(await ends[1]).toMatchObject({ done: true });
});

test('a look that fails is followed by another', async () => {
  const failed = gate();
  let isBroken = true;
  const watch = createWorkerWatch({
    listSessions: async () => {
      if (isBroken) throw new Error('away');
      return [session('a')];
    },
    onError: () => failed.open(),
    pollMs: 2,
  });
  const events = watch.watch(1);
  const first = next(events);
  await failed.opened;
  isBroken = false;
  expect(idsOf(await first)).toEqual(['a']);
  await events.return();
});
