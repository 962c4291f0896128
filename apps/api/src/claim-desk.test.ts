import type { ClaimRequest, PackedClaim, Session } from '@longshore/db';
import { describe, expect, test } from 'vitest';
import { job, session, settled, setUp } from './testing/claim-line.ts';

test('a claim with jobs in line is answered at once', async () => {
  const { line, claim } = setUp();
  line.push(job('a'), job('b'));
  expect(await claim('s', 5)).toHaveLength(2);
});

test('a claim that may not wait is answered with none', async () => {
  expect(await setUp().claim('s', 1, 0)).toEqual([]);
});

test('one job wakes the first who waits and leaves the others parked', async () => {
  const { line, desk, claim } = setUp();
  const answered: string[] = [];
  for (const id of ['first', 'second']) void claim(id).then(() => answered.push(id));
  await settled();
  line.push(job('a'));
  desk.wake(1);
  await settled();
  expect(answered).toEqual(['first']);
  await desk.close();
});

test('claims that wait are served by one claim, in order of arrival', async () => {
  const { line, state, desk, claim } = setUp();
  const waiting = ['s1', 's2', 's3'].map((id) => claim(id));
  await settled();
  const claimsBefore = state.claims;
  line.push(job('a'), job('b'), job('c'));
  desk.wake(1);
  expect((await Promise.all(waiting)).flat().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(state.claims - claimsBefore).toBe(1);
});

test('a wake during a claim is not lost', async () => {
  const { line, state, desk, claim } = setUp();
  state.isHeld = true;
  const waiting = claim('s');
  line.push(job('a'));
  desk.wake(1);
  state.isHeld = false;
  state.letGo();
  expect(await waiting).toHaveLength(1);
});

test('a wake of another org wakes nobody', async () => {
  const { state, desk, claim } = setUp();
  void claim('s');
  await settled();
  desk.wake(2);
  expect(state.claims).toBe(1);
  await desk.close();
});

test('a worker with limits has a claim of its own, which room of its own wakes', async () => {
  const { line, requests, desk, claim, claimAs } = setUp();
  const limited: Session = { ...session('limited'), workerId: 'l', isLimited: true };
  const [own, other] = [claimAs(limited), claim('plain')];
  await settled();
  expect(requests.map(({ limitedWorkerId }) => limitedWorkerId)).toEqual(['l', null]);
  expect(desk.wakeWorker(1, 'w')).toBe(false);
  line.push(job('a'));
  expect(desk.wakeWorker(1, 'l')).toBe(true);
  expect(await own).toMatchObject([{ id: 'a' }]);
  await desk.close();
  expect(await other).toEqual([]);
});

test('sessions of a worker with limits that are full keep no jobs from those behind them', async () => {
  const { line, changed, desk, claimAs, requests } = setUp();
  const limited = (id: string): Session => ({ ...session(id), isLimited: true });
  const answered: string[] = [];
  // More than one claim has seats for.
  for (const id of ['full', 'full too', 'free']) {
    changed.set(id, limited(id));
    void claimAs(limited(id), 600).then((jobs) => answered.push(`${id} ${jobs.length}`));
  }
  await settled();
  changed.delete('free');
  line.push(job('a'));
  desk.wake(1);
  await settled();
  expect(answered).toEqual(['free 1']);
  const claims = requests.length;
  desk.wake(1);
  await settled();
  expect(requests.length).toBe(claims + 1);
  await desk.close();
});

test('two claims of one session each get their share', async () => {
  const { line, claim } = setUp();
  line.push(job('a'), job('b'), job('c'));
  const [one, other, third] = await Promise.all([claim('s'), claim('s'), claim('s')]);
  expect([...one, ...other, ...third].map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('a caller who hangs up while parked takes no job', async () => {
  const { line, desk, claim } = setUp();
  const caller = new AbortController();
  const waiting = claim('s', 1, 30, caller.signal);
  await settled();
  caller.abort();
  expect(await waiting).toEqual([]);
  line.push(job('a'));
  desk.wake(1);
  await settled();
  expect(line).toHaveLength(1);
});

test('the jobs of a caller who hung up during the claim are released', async () => {
  const { line, released, state, claim } = setUp();
  line.push(job('a'));
  state.isHeld = true;
  const caller = new AbortController();
  const waiting = claim('s', 1, 30, caller.signal);
  caller.abort();
  state.letGo();
  await waiting;
  expect(released).toEqual(['a']);
});

test('without a database a new claim is told, a parked one stays', async () => {
  const { line, state, desk, claim } = setUp();
  const parked = claim('parked');
  await settled();
  state.isAway = true;
  await expect(claim('new')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  state.isAway = false;
  line.push(job('a'));
  desk.sweep();
  expect(await parked).toHaveLength(1);
});

test('a desk that closes answers everyone with none', async () => {
  const { desk, claim } = setUp();
  const waiting = [claim('s1'), claim('s2')];
  await settled();
  await desk.close();
  expect(await Promise.all(waiting)).toEqual([[], []]);
  expect(await claim('late')).toEqual([]);
});

test('a claim under way when the desk closes still delivers its jobs', async () => {
  const { line, state, desk, claim } = setUp();
  line.push(job('a'));
  state.isHeld = true;
  const waiting = claim('s');
  const closing = desk.close();
  state.letGo();
  await closing;
  expect(await waiting).toHaveLength(1);
});

describe('a submit that somebody waits for', () => {
  const newJob = { kind: 'mail', payload: null };
  const bring = (line: PackedClaim[], id: string) => async (_: number, request: ClaimRequest) => {
    line.push(job(id));
    const jobs = line.splice(0, request.seats[0]!.limit);
    return { bySession: new Map([[request.seats[0]!.sessionId, jobs]]), reached: [] };
  };

  test('claims for the first who waits', async () => {
    const { line, desk, claim } = setUp();
    const claims = [claim('first'), claim('second')];
    await settled();
    expect(desk.claimBy(1, newJob, bring(line, 'a'))).toBe(true);
    expect(await claims[0]).toMatchObject([{ id: 'a' }]);
    await desk.close();
    expect(await claims[1]).toEqual([]);
  });

  test('is left alone when nobody waits, when nobody may have it, and while they are claiming', async () => {
    const { line, state, desk, claim } = setUp();
    expect(desk.claimBy(1, newJob, bring(line, 'a'))).toBe(false);
    void claim('s');
    await settled();
    expect(desk.claimBy(1, { ...newJob, kind: 'another' }, bring(line, 'a'))).toBe(false);
    expect(desk.claimBy(1, { ...newJob, requiredCapabilities: ['gpu'] }, bring(line, 'a'))).toBe(false);
    expect(desk.claimBy(2, newJob, bring(line, 'a'))).toBe(false);
    state.isHeld = true;
    desk.wake(1);
    expect(desk.claimBy(1, newJob, bring(line, 'a'))).toBe(false);
    state.letGo();
    await desk.close();
  });
});
