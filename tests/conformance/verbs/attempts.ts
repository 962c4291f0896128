import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

const error = { message: 'it broke', name: 'BrokenError', code: 'E_BROKEN' };
const atOnce = { type: 'fixed', baseSeconds: 0 } as const;

export const describeAttempts = (door: Door): void => {
  test('a claimed job is running its first attempt, and completes with its result', async () => {
    const { run, job } = scene(door);
    const claimed = await run({ payload: { n: 1 }, tags: ['a'] });
    expect(claimed).toMatchObject({ payload: { n: 1 }, attempt: 1, fencingToken: 1, tags: ['a'] });
    expect(await job(claimed.id)).toMatchObject({ state: 'running', attempt: 1 });

    const result = { sum: [1, 2, 3] };
    const answers = await door.mine.complete([{ ...lease(claimed), result }]);
    expect(answers).toEqual([{ ok: true, state: 'completed', code: null }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'completed', result, attempt: 1 });
  });

  test('a job completed without a result has the result null', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    await door.mine.complete([lease(claimed)]);
    expect(await job(claimed.id)).toMatchObject({ state: 'completed', result: null });
  });

  test('a failed attempt waits for its backoff and is followed by the next', async () => {
    const { run, claimOne, job } = scene(door);
    const claimed = await run({ backoff: { type: 'fixed', baseSeconds: 100, jitter: 'none' } });
    expect(await door.mine.fail([{ ...lease(claimed), error }])).toMatchObject([
      { ok: true, state: 'scheduled' },
    ]);
    expect(await job(claimed.id)).toMatchObject({
      state: 'scheduled',
      attempt: 1,
      attempts: [{ attempt: 1, outcome: 'failed' }],
    });
    await pass(door, 101);
    expect(await claimOne()).toMatchObject({ id: claimed.id, attempt: 2, fencingToken: 2 });
  });

  test('a job fails for good when its attempts are spent, with the last error', async () => {
    const { submit, openSession, claim, claimOne, job } = scene(door);
    const id = await submit({ maxAttempts: 2, backoff: atOnce });
    await door.mine.fail([{ ...lease(await claimOne()), error }]);
    const last = { message: 'the last straw' };
    const answers = await door.mine.fail([{ ...lease(await claimOne()), error: last }]);
    expect(answers).toEqual([{ ok: true, state: 'failed', code: null }]);
    expect(await job(id)).toMatchObject({ state: 'failed', error: last, attempt: 2 });
    expect(await claim(await openSession())).toEqual([]);
  });

  test('three attempts are the default', async () => {
    const { submit, claimOne, job } = scene(door);
    const id = await submit({ backoff: atOnce });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await door.mine.fail([{ ...lease(await claimOne()), error }]);
    }
    expect(await job(id)).toMatchObject({ state: 'failed', attempt: 3 });
  });

  test('a failure that is not retryable is final at the first attempt', async () => {
    const { run, job } = scene(door);
    const claimed = await run({ maxAttempts: 9 });
    const answers = await door.mine.fail([{ ...lease(claimed), error, isRetryable: false }]);
    expect(answers).toMatchObject([{ ok: true, state: 'failed' }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'failed', error, attempt: 1 });
  });

  test('a failure may say when to try again, whatever the backoff says', async () => {
    const { run, job } = scene(door);
    const claimed = await run({ backoff: { type: 'fixed', baseSeconds: 100_000 } });
    await door.mine.fail([{ ...lease(claimed), error, retryAfterSeconds: 50 }]);
    await pass(door, 40);
    expect(await job(claimed.id)).toMatchObject({ state: 'scheduled' });
    await pass(door, 20);
    expect(await job(claimed.id)).toMatchObject({ state: 'available' });
  });

  test('an attempt that runs past its timeout ends as a failed one', async () => {
    const { submit, claimOne, job } = scene(door);
    const id = await submit({ timeoutSeconds: 100, maxAttempts: 2, backoff: atOnce });
    const first = await claimOne();
    await pass(door, 90);
    expect(await job(id)).toMatchObject({ state: 'running' });
    await pass(door, 20);
    expect(await job(id)).toMatchObject({ attempt: 1, attempts: [{ attempt: 1, outcome: 'timed_out' }] });
    expect(await door.mine.complete([lease(first)])).toMatchObject([{ ok: false, code: 'LEASE_LOST' }]);

    await claimOne();
    await pass(door, 110);
    expect(await job(id)).toMatchObject({ state: 'failed', attempt: 2, error: { code: 'TIMEOUT' } });
  });

  test('a snoozed job comes back later with its attempt unspent', async () => {
    const { run, claimOne, job } = scene(door);
    const claimed = await run({ maxAttempts: 1 });
    const answers = await door.mine.snooze([{ ...lease(claimed), delaySeconds: 100 }]);
    expect(answers).toEqual([{ ok: true, state: 'scheduled', code: null }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'scheduled', attempt: 0 });
    await pass(door, 110);
    expect(await claimOne()).toMatchObject({ id: claimed.id, attempt: 1, fencingToken: 2 });
  });

  test('a job released a hundred times has spent no attempt, and its fencing token has grown by a hundred', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit({ maxAttempts: 1 });
    const session = await openSession();
    for (let round = 1; round <= 100; round++) {
      const [claimed] = await claim(session, 1);
      expect(claimed).toMatchObject({ id, attempt: 1, fencingToken: round });
      expect(await door.mine.release([lease(claimed!)])).toEqual([
        { ok: true, state: 'available', code: null },
      ]);
    }
    const after = await job(id);
    expect(after).toMatchObject({ state: 'available', attempt: 0 });
    expect(after.attempts).toHaveLength(50);
  });

  test('closing a session gives back, unspent, what it holds', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const ids = [await submit(), await submit()];
    const session = await openSession();
    await claim(session);
    expect(await door.mine.closeSession(session)).toBe(2);
    for (const id of ids) expect(await job(id)).toMatchObject({ state: 'available', attempt: 0 });
    expect(await door.mine.closeSession(session)).toBe(0);
  });

  test('progress shows while the job runs, output stays', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    const output = ['first', 'second'].map((text) => ({ stream: 'log' as const, text }));
    expect(await door.mine.report([{ ...lease(claimed), progress: { part: 0.5 }, output }])).toMatchObject([
      { ok: true },
    ]);
    await door.mine.report([{ ...lease(claimed), progress: { part: 0.7 } }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'running', progress: { part: 0.7 } });
    await door.mine.complete([lease(claimed)]);
    expect(await door.mine.output(claimed.id)).toEqual(['first', 'second']);
  });
};
