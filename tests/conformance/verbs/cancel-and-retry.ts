import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

const error = { message: 'it broke' };

export const describeCancelAndRetry = (door: Door): void => {
  test.for([
    ['waits in line', {}],
    ['is scheduled', { delaySeconds: 100 }],
    ['is blocked', { afterBatch: 'a batch that is never done' }],
  ] as const)('a job that %s is cancelled at once', async ([, options]) => {
    const { kind, submit, openSession, claim, job } = scene(door);
    if ('afterBatch' in options)
      await door.mine.submit({ kind: `${kind}-parent`, payload: null, batchId: options.afterBatch });
    const id = await submit(options);
    expect(await door.mine.cancel([id], 'no longer wanted')).toEqual([
      { ok: true, state: 'cancelled', code: null },
    ]);
    expect(await job(id)).toMatchObject({ state: 'cancelled', reason: 'no longer wanted' });
    await pass(door, 200);
    expect(await claim(await openSession())).toEqual([]);
  });

  test('the worker of a running job is asked to stop, and the job is cancelled when it does', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit();
    const session = await openSession();
    const [claimed] = await claim(session);
    expect(await door.mine.cancel([id], 'changed my mind')).toEqual([
      { ok: true, state: 'running', code: null },
    ]);
    expect(await door.mine.heartbeat(session, [lease(claimed!)])).toEqual({
      lost: [],
      cancel: [{ ...lease(claimed!), reason: 'changed my mind' }],
      messages: [],
    });
    expect(await door.mine.fail([{ ...lease(claimed!), error }])).toMatchObject([
      { ok: true, state: 'cancelled' },
    ]);
    expect(await job(id)).toMatchObject({ state: 'cancelled', reason: 'changed my mind' });
  });

  test('a running job whose worker does not obey is cancelled after the grace', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    await door.mine.cancel([claimed.id]);
    await pass(door, 20);
    expect(await job(claimed.id)).toMatchObject({ state: 'running' });
    await pass(door, 20);
    expect(await job(claimed.id)).toMatchObject({ state: 'cancelled' });
    expect(await door.mine.fail([{ ...lease(claimed), error }])).toMatchObject([{ state: 'cancelled' }]);
  });

  test('a job that completes although it should be cancelled is completed', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    await door.mine.cancel([claimed.id]);
    expect(await door.mine.complete([{ ...lease(claimed), result: 1 }])).toMatchObject([
      { ok: true, state: 'completed' },
    ]);
    expect(await job(claimed.id)).toMatchObject({ state: 'completed', result: 1 });
  });

  test.for(['release', 'snooze'] as const)('a job to be cancelled is cancelled by its %s', async (verb) => {
    const { run, job } = scene(door);
    const claimed = await run();
    await door.mine.cancel([claimed.id]);
    const held = lease(claimed);
    const answers =
      verb === 'release' ? door.mine.release([held]) : door.mine.snooze([{ ...held, delaySeconds: 5 }]);
    expect(await answers).toMatchObject([{ ok: true, state: 'cancelled' }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'cancelled' });
  });

  test('a job to be cancelled is cancelled when its worker dies', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit();
    await claim(await openSession({ leaseSeconds: 15 }));
    await door.mine.cancel([id]);
    await pass(door, 20);
    expect(await job(id)).toMatchObject({ state: 'cancelled' });
  });

  test('cancelling is idempotent, and refused for jobs that ended otherwise or do not exist', async () => {
    const { submit, claimOne } = scene(door);
    const cancelled = await submit();
    await door.mine.cancel([cancelled]);
    const completed = await submit();
    await door.mine.complete([lease(await claimOne())]);
    expect(await door.mine.cancel([cancelled, completed, uuidV7()])).toEqual([
      { ok: true, state: 'cancelled', code: null },
      { ok: false, state: 'completed', code: 'INVALID_STATE' },
      { ok: false, state: null, code: 'NOT_FOUND' },
    ]);
  });

  test('a failed job that is retried has an attempt more, and keeps its trail and its fence', async () => {
    const { run, claimOne, job } = scene(door);
    const failed = await run({ maxAttempts: 1, payload: 'kept' });
    await door.mine.fail([{ ...lease(failed), error }]);
    expect(await door.mine.retry([failed.id])).toEqual([{ ok: true, state: 'available', code: null }]);
    expect(await job(failed.id)).toMatchObject({ state: 'available', attempt: 1, maxAttempts: 2 });

    const again = await claimOne();
    expect(again).toMatchObject({ id: failed.id, payload: 'kept', attempt: 2, fencingToken: 2 });
    expect(await door.mine.complete([lease(failed)])).toMatchObject([{ ok: false, code: 'LEASE_LOST' }]);
    await door.mine.complete([{ ...lease(again), result: 'at last' }]);
    const done = await job(failed.id);
    expect(done).toMatchObject({ state: 'completed', result: 'at last' });
    expect(done.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'retried']);
  });

  test('a cancelled job can be retried', async () => {
    const { submit, claimOne } = scene(door);
    const id = await submit();
    await door.mine.cancel([id]);
    expect(await door.mine.retry([id])).toMatchObject([{ ok: true, state: 'available' }]);
    const claimed = await claimOne();
    expect(await door.mine.complete([lease(claimed)])).toMatchObject([{ ok: true, state: 'completed' }]);
  });

  test('a scheduled job that is retried waits no longer', async () => {
    const { submit, claimOne } = scene(door);
    const id = await submit({ delaySeconds: 10_000 });
    await door.mine.retry([id]);
    expect(await claimOne()).toMatchObject({ id });
  });

  test('retry is refused for a job that is completed, running or unknown', async () => {
    const { submit, claimOne } = scene(door);
    const completed = await submit();
    await door.mine.complete([lease(await claimOne())]);
    const running = await submit();
    await claimOne();
    expect(await door.mine.retry([completed, running, uuidV7()])).toEqual([
      { ok: false, state: 'completed', code: 'INVALID_STATE' },
      { ok: false, state: 'running', code: 'INVALID_STATE' },
      { ok: false, state: null, code: 'NOT_FOUND' },
    ]);
  });
};
