import { expect, test } from 'vitest';
import { job, session, settled, setUp } from './testing/claim-line.ts';

// What becomes of parked claims when their sessions end or may be given other jobs.

test('a session that has ended is told so, and does not keep jobs from those behind it', async () => {
  const { line, ended, claim } = setUp();
  ended.add('dead');
  line.push(job('a'));
  const [dead, alive] = await Promise.allSettled([claim('dead', 1_000), claim('alive')]);
  expect(dead).toMatchObject({ status: 'rejected', reason: { code: 'SESSION_LOST' } });
  expect(alive).toMatchObject({ status: 'fulfilled', value: [{ id: 'a' }] });
});

test('a session whose policy has changed is sent for another claim, and does not keep jobs from those behind it', async () => {
  const { line, changed, forgotten, claim } = setUp();
  changed.set('narrowed', { ...session('narrowed'), isLimited: true });
  line.push(job('a'));
  const [narrowed, plain] = await Promise.all([claim('narrowed', 1_000), claim('plain')]);
  expect(narrowed).toEqual([]);
  expect(plain).toMatchObject([{ id: 'a' }]);
  expect(forgotten).toEqual(['narrowed']);
});

test('what was known of a session that has ended is forgotten, even when it is found out during a claim for it', async () => {
  const { ended, forgotten, state, desk, claim } = setUp();
  const waiting = claim('dead');
  await settled();
  ended.add('dead');
  state.isHeld = true;
  desk.sweep();
  await settled();
  expect(forgotten).toEqual(['dead']);
  state.letGo();
  expect(await waiting).toEqual([]);
});

test('a recheck answers those who are parked under an old policy, tells those that have ended, and leaves the rest', async () => {
  const { line, ended, changed, desk, claim } = setUp();
  const [narrowed, dead, plain] = [claim('narrowed'), claim('dead'), claim('plain')];
  await settled();
  const { filter, ...rest } = session('narrowed');
  changed.set('narrowed', { ...rest, filter: { ...filter, priorityMax: 0 } });
  ended.add('dead');
  const told = expect(dead).rejects.toMatchObject({ code: 'SESSION_LOST' });
  await desk.recheck(1);
  expect(await narrowed).toEqual([]);
  await told;
  line.push(job('a'));
  desk.wake(1);
  expect(await plain).toHaveLength(1);
});

test('a recheck that comes back to a group which is gone leaves those alone who have gathered anew', async () => {
  const { line, desk, claim } = setUp();
  const hangUp = new AbortController();
  const gone = claim('gone', 1, 30, hangUp.signal);
  await settled();
  const rechecking = desk.recheck(1);
  hangUp.abort();
  const next = claim('next');
  await Promise.all([rechecking, gone]);
  await settled();
  line.push(job('a'));
  desk.wake(1);
  expect(await next).toHaveLength(1);
});

test('a recheck during a claim leaves the answer to the claim', async () => {
  const { line, state, changed, desk, claim } = setUp();
  line.push(job('a'));
  state.isHeld = true;
  const waiting = claim('s');
  changed.set('s', { ...session('s'), isLimited: true });
  await desk.recheck(1);
  state.letGo();
  expect(await waiting).toHaveLength(1);
});
