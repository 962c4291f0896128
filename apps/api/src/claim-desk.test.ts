import { LongshoreError } from '@longshore/contract';
import type { ClaimRequest, PackedClaim, Session } from '@longshore/db';
import { describe, expect, test } from 'vitest';
import { createClaimDesk } from './claim-desk.ts';
import { createFloorKeeper } from './floor-keeper.ts';

const session = (id: string): Session => ({
  id,
  orgId: 1,
  workerId: 'w',
  filter: { kinds: ['mail'], capabilities: [], queues: null, priorityMin: -10, priorityMax: 10 },
  isLimited: false,
});
const job = (id: string) => ({ id, leaseToken: `token of ${id}` }) as PackedClaim;

/** A desk over a line of jobs in memory. Claims take effect when the test lets them. */
const setUp = () => {
  const line: PackedClaim[] = [];
  const released: string[] = [];
  const ended = new Set<string>();
  /** What has become of sessions since they were told to the desk. */
  const changed = new Map<string, Session>();
  const forgotten: string[] = [];
  const requests: ClaimRequest[] = [];
  const state = { claims: 0, isHeld: false, isAway: false, letGo: () => {} };
  const desk = createClaimDesk({
    claim: async (_orgId, request: ClaimRequest) => {
      state.claims += 1;
      requests.push(request);
      const isServed = (id: string) => !ended.has(id) && !changed.has(id);
      const dealt = new Map(
        request.seats.map(({ sessionId, limit }) => [
          sessionId,
          isServed(sessionId) ? line.splice(0, limit) : [],
        ]),
      );
      const gate = new Promise<void>((resolve) => {
        state.letGo = resolve;
      });
      if (state.isHeld) await gate;
      if (state.isAway) throw new LongshoreError('UNAVAILABLE', 'away');
      return { bySession: new Map([...dealt].filter(([, jobs]) => jobs.length > 0)), reached: [] };
    },
    findAmong: async (_orgId, sessionIds) => {
      const open = sessionIds.filter((id) => !ended.has(id));
      return new Map(open.map((id) => [id, changed.get(id) ?? session(id)]));
    },
    forget: (sessionId) => forgotten.push(sessionId),
    release: async (_orgId, jobs) => released.push(...jobs.map(({ id }) => id)),
    floors: createFloorKeeper({ read: async () => ({ xmin: '1', xmax: '1', lanes: [] }), onError: () => {} }),
    onError: () => {},
  });
  const claimAs = (caller: Session, limit = 1, waitSeconds = 30, signal?: AbortSignal) =>
    desk.claim({ session: caller, limit, waitSeconds, signal });
  const claim = (sessionId: string, ...rest: [limit?: number, waitSeconds?: number, signal?: AbortSignal]) =>
    claimAs(session(sessionId), ...rest);
  return { line, released, ended, changed, forgotten, requests, state, desk, claim, claimAs };
};
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

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
