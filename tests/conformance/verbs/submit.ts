import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

export const describeSubmit = (door: Door): void => {
  test('a job keeps everything that was said about it', async () => {
    const { kind, submit, job } = scene(door);
    const said = {
      payload: { deep: [1, 'two', null, { three: true }] },
      queue: 'letters',
      priority: -7,
      maxAttempts: 5,
      externalId: `order-${kind}`,
      batchId: `batch-${kind}`,
      metadata: { camelCase: 1, snake_case: 'kept' },
      tags: ['red', 'late'],
    };
    const id = await submit(said);
    expect(await job(id)).toMatchObject({ ...said, id, kind, state: 'available', attempt: 0, rescues: 0 });
  });

  test('a job has defaults for everything that was not said', async () => {
    const { submit, job } = scene(door);
    const defaults = { queue: 'default', priority: 0, maxAttempts: 3, tags: [], metadata: null };
    expect(await job(await submit())).toMatchObject(defaults);
  });

  test('a delayed job is scheduled and nobody gets it before its time', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit({ delaySeconds: 1_000 });
    expect(await job(id)).toMatchObject({ state: 'scheduled' });
    const session = await openSession();

    await pass(door, 900);
    expect(await claim(session)).toEqual([]);
    expect(await job(id)).toMatchObject({ state: 'scheduled' });

    await pass(door, 200);
    expect(await job(id)).toMatchObject({ state: 'available' });
    expect(await claim(session)).toMatchObject([{ id, attempt: 1 }]);
  });

  test('a job for an instant in the future waits for it, one for the past does not', async () => {
    const { submit, job } = scene(door);
    const [row] = await door.query<{ now: Date }>('select longshore.now() as now');
    const runAt = new Date(row!.now.getTime() + 1_000_000).toISOString();
    const later = await submit({ runAt });
    const overdue = await submit({ runAt: '2001-02-03T04:05:06+07:00' });

    expect(await job(overdue)).toMatchObject({ state: 'available' });
    const waiting = await job(later);
    expect(waiting.state).toBe('scheduled');
    expect(new Date(waiting.runAt).toISOString()).toBe(runAt);
    await pass(door, 1_100);
    expect(await job(later)).toMatchObject({ state: 'available' });
  });

  test('B-48: a job for ten years hence is not run next month', async () => {
    const { submit, job } = scene(door);
    const id = await submit({ delaySeconds: 315_360_000 });
    await pass(door, 30 * 86_400);
    expect(await job(id)).toMatchObject({ state: 'scheduled' });
  });

  test('a submit repeated with its id is one job, while it waits, while it runs and after it finished', async () => {
    const { submit, openSession, claim, claimOne, job } = scene(door);
    const id = uuidV7();
    expect(await submit({ id })).toBe(id);
    expect(await submit({ id })).toBe(id);

    const running = await claimOne();
    expect(await submit({ id })).toBe(id);
    expect(await job(id)).toMatchObject({ state: 'running' });

    await door.mine.complete([{ ...lease(running), result: 'done once' }]);
    expect(await submit({ id })).toBe(id);
    expect(await job(id)).toMatchObject({ state: 'completed', result: 'done once' });
    expect(await claim(await openSession())).toEqual([]);
  });

  test('a batch is stored in its order', async () => {
    const { kind, openSession, claim } = scene(door);
    const ids = await door.mine.submitMany(
      Array.from({ length: 50 }, (_, place) => ({ kind, payload: { place } })),
    );
    expect(new Set(ids).size).toBe(50);
    const claimed = await claim(await openSession(), 50);
    expect(claimed.map(({ id }) => id)).toEqual(ids);
    expect(claimed.map(({ payload }) => payload)).toEqual(ids.map((_, place) => ({ place })));
  });

  test('of a batch with one bad job nothing is stored', async () => {
    const { kind, openSession, claim } = scene(door);
    const [first, second] = [uuidV7(), uuidV7()];
    const batch = [
      { id: first, kind, payload: 1 },
      { id: second, kind, payload: 2, dependsOn: [uuidV7()] },
    ];
    await expect(door.mine.submitMany(batch)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await door.mine.get(first)).toBeNull();
    expect(await door.mine.get(second)).toBeNull();
    expect(await claim(await openSession())).toEqual([]);
  });

  test('an external id finds its newest job', async () => {
    const { kind, submit } = scene(door);
    const externalId = `order-${kind}`;
    expect(await door.mine.getByExternalId(externalId)).toBeNull();
    await submit({ externalId });
    await door.clock.advance(1);
    const newer = await submit({ externalId });
    expect(await door.mine.getByExternalId(externalId)).toMatchObject({ id: newer, externalId });
  });
};
