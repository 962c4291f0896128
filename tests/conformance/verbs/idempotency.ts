import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

export const describeIdempotency = (door: Door): void => {
  test('the same key with the same input is the same job, however its keys are ordered', async () => {
    const { kind, submit, openSession, claim } = scene(door);
    const idempotencyKey = `key-${kind}`;
    const id = await submit({ idempotencyKey, payload: { a: 1, b: 2 } });
    expect(await submit({ idempotencyKey, payload: { b: 2, a: 1 } })).toBe(id);
    expect(await claim(await openSession())).toMatchObject([{ id }]);
  });

  test('the same key with another input is refused', async () => {
    const { kind, submit, openSession, claim } = scene(door);
    const idempotencyKey = `key-${kind}`;
    const id = await submit({ idempotencyKey, payload: 1 });
    const conflict = { code: 'IDEMPOTENCY_CONFLICT' };
    await expect(submit({ idempotencyKey, payload: 2 })).rejects.toMatchObject(conflict);
    await expect(submit({ idempotencyKey, payload: 1, priority: 1 })).rejects.toMatchObject(conflict);
    expect(await claim(await openSession())).toMatchObject([{ id, payload: 1 }]);
  });

  test('a key holds for its time after the job has finished, and is free then', async () => {
    const { kind, submit, claimOne, job } = scene(door);
    const keyed = { idempotencyKey: `key-${kind}`, idempotencyKeySeconds: 1_000 };
    const first = await submit(keyed);
    // While the job lives, the key holds however long that takes.
    await pass(door, 2_000);
    expect(await submit(keyed)).toBe(first);
    await door.mine.complete([lease(await claimOne())]);

    await pass(door, 900);
    expect(await submit(keyed)).toBe(first);
    await pass(door, 200);
    const second = await submit(keyed);
    expect(second).not.toBe(first);
    expect(await job(second)).toMatchObject({ state: 'available' });
  });

  test('a submit with an id and a key is repeated without harm', async () => {
    const { kind, submit, claimOne } = scene(door);
    const keyed = { id: uuidV7(), idempotencyKey: `key-${kind}` };
    expect(await submit(keyed)).toBe(keyed.id);
    expect(await submit(keyed)).toBe(keyed.id);
    await door.mine.complete([lease(await claimOne())]);
    expect(await submit(keyed)).toBe(keyed.id);
    expect(await submit({ ...keyed, id: uuidV7() })).toBe(keyed.id);
  });

  test('a job with a key that fails again and again is retried, never taken for its own duplicate', async () => {
    const { kind, submit, claimOne, job } = scene(door);
    const backoff = { type: 'fixed', baseSeconds: 0 } as const;
    const id = await submit({ idempotencyKey: `key-${kind}`, maxAttempts: 6, backoff });
    for (let attempt = 1; attempt <= 5; attempt++) {
      const claimed = await claimOne();
      expect(claimed).toMatchObject({ id, attempt });
      await door.mine.fail([{ ...lease(claimed), error: { message: 'again' } }]);
    }
    expect(await job(id)).toMatchObject({ state: 'available', attempt: 5 });
  });

  test('B-33: a key belongs to its org', async () => {
    const mine = scene(door);
    const idempotencyKey = `key-${mine.kind}`;
    const id = await mine.submit({ idempotencyKey, payload: 'mine' });
    const theirs = await door.theirs.submit({ kind: mine.kind, payload: 'theirs', idempotencyKey });
    expect(theirs).not.toBe(id);
    expect(await door.theirs.get(theirs)).toMatchObject({ payload: 'theirs' });
    expect(await mine.submit({ idempotencyKey, payload: 'mine' })).toBe(id);
  });

  test('a conflict in an atomic batch stores nothing of it', async () => {
    const { kind, submit } = scene(door);
    const idempotencyKey = `key-${kind}`;
    await submit({ idempotencyKey, payload: 1 });
    const id = uuidV7();
    const batch = [
      { id, kind, payload: 0 },
      { kind, payload: 2, idempotencyKey },
    ];
    await expect(door.mine.submitMany(batch)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await door.mine.get(id)).toBeNull();
  });
};
