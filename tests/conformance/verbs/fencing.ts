import { randomUUID } from 'node:crypto';
import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Claimed, Door, Outcome, Verbs } from '../doors/door.ts';
import { lease, scene } from '../scene.ts';

const error = { message: 'too late' };

/** Every write that needs a lease. */
const writes: [verb: string, write: (verbs: Verbs, item: ReturnType<typeof lease>) => Promise<Outcome[]>][] =
  [
    ['complete', (verbs, item) => verbs.complete([{ ...item, result: 'stolen' }])],
    ['fail', (verbs, item) => verbs.fail([{ ...item, error, isRetryable: false }])],
    ['release', (verbs, item) => verbs.release([item])],
    ['snooze', (verbs, item) => verbs.snooze([{ ...item, delaySeconds: 1 }])],
    [
      'report',
      (verbs, item) =>
        verbs.report([{ ...item, progress: 'stolen', output: [{ stream: 'log', text: 'stolen' }] }]),
    ],
  ];

export const describeFencing = (door: Door): void => {
  const expectUntouched = async ({ id }: Claimed, epoch: number): Promise<void> => {
    const [row] = await door.query(
      'select state::text, epoch, progress, attempts from longshore.jobs where id = $1',
      [id],
    );
    expect(row).toMatchObject({ state: 'running', epoch, progress: null });
    expect(await door.mine.output(id)).toEqual([]);
  };

  test.for(writes)('%s with a made-up token writes nothing', async ([, write]) => {
    const claimed = await scene(door).run();
    const answers = await write(door.mine, { id: claimed.id, leaseToken: randomUUID() });
    expect(answers).toEqual([{ ok: false, state: 'running', code: 'LEASE_LOST' }]);
    await expectUntouched(claimed, 1);
  });

  test.for(writes)('%s with the token of an earlier claim writes nothing', async ([, write]) => {
    const { run, claimOne } = scene(door);
    const earlier = await run();
    await door.mine.release([lease(earlier)]);
    const present = await claimOne();
    expect(present.leaseToken).not.toBe(earlier.leaseToken);
    expect(await write(door.mine, lease(earlier))).toEqual([
      { ok: false, state: 'running', code: 'LEASE_LOST' },
    ]);
    await expectUntouched(present, 2);
    expect(await door.mine.complete([lease(present)])).toMatchObject([{ ok: true, state: 'completed' }]);
  });

  test('swapped tokens of two jobs of one session write nothing', async () => {
    const { submit, openSession, claim } = scene(door);
    await submit();
    await submit();
    const [one, other] = await claim(await openSession());
    const answers = await door.mine.complete([
      { id: one!.id, leaseToken: other!.leaseToken },
      { id: other!.id, leaseToken: one!.leaseToken },
    ]);
    const refused = { ok: false, state: 'running', code: 'LEASE_LOST' };
    expect(answers).toEqual([refused, refused]);
    await expectUntouched(one!, 1);
    await expectUntouched(other!, 1);
  });

  test('finishing twice with one token answers the outcome that was recorded', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    await door.mine.complete([{ ...lease(claimed), result: 'first' }]);
    const again = await door.mine.complete([{ ...lease(claimed), result: 'second' }]);
    expect(again).toEqual([{ ok: true, state: 'completed', code: null }]);
    const otherwise = await door.mine.fail([{ ...lease(claimed), error }]);
    expect(otherwise).toEqual([{ ok: true, state: 'completed', code: null }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'completed', result: 'first' });
  });

  test('failing for good twice with one token answers failed', async () => {
    const { run, job } = scene(door);
    const claimed = await run({ maxAttempts: 1 });
    for (const message of ['first', 'second']) {
      const answers = await door.mine.fail([{ ...lease(claimed), error: { message } }]);
      expect(answers).toEqual([{ ok: true, state: 'failed', code: null }]);
    }
    expect(await job(claimed.id)).toMatchObject({ state: 'failed', error: { message: 'first' } });
  });

  test('two finishes of one job in one batch are one finish', async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    const answers = await door.mine.complete([lease(claimed), lease(claimed)]);
    expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await job(claimed.id)).toMatchObject({ state: 'completed' });
    const rows = await door.query('select from longshore.finished_jobs where id = $1', [claimed.id]);
    expect(rows).toHaveLength(1);
  });

  test('one refused item does not hold up its neighbours', async () => {
    const { kind, openSession, claim } = scene(door);
    await door.mine.submitMany([1, 2, 3].map((payload) => ({ kind, payload })));
    const [first, second, third] = await claim(await openSession());
    const answers = await door.mine.complete([
      lease(third!),
      { id: second!.id, leaseToken: randomUUID() },
      { id: uuidV7(), leaseToken: randomUUID() },
      lease(first!),
    ]);
    expect(answers).toEqual([
      { ok: true, state: 'completed', code: null },
      { ok: false, state: 'running', code: 'LEASE_LOST' },
      { ok: false, state: null, code: 'LEASE_LOST' },
      { ok: true, state: 'completed', code: null },
    ]);
  });

  test('racing finishes of one lease agree on one outcome', async () => {
    const { run, job } = scene(door);
    const claimed = await run({ maxAttempts: 1 });
    const answers = await Promise.all([
      door.mine.complete([lease(claimed)]),
      door.mine.fail([{ ...lease(claimed), error }]),
      door.mine.complete([lease(claimed)]),
    ]);
    const { state } = await job(claimed.id);
    expect(['completed', 'failed']).toContain(state);
    expect(answers.flat()).toEqual(answers.flat().map(() => ({ ok: true, state, code: null })));
  });

  test('lease tokens differ for every job and claim', async () => {
    const { kind, openSession, claim } = scene(door);
    await door.mine.submitMany(Array.from({ length: 20 }, () => ({ kind, payload: null })));
    const session = await openSession();
    const first = await claim(session, 20);
    await door.mine.release(first.map(lease));
    const tokens = [...first, ...(await claim(session, 20))].map(({ leaseToken }) => leaseToken);
    expect(new Set(tokens).size).toBe(40);
  });
};
