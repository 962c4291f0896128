import { type JobState, uuidV7 } from '@longshore/contract';
import { eventually } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

const error = { message: 'it broke' };

export const describeDependencies = (door: Door): void => {
  /** An API lets dependants go right after the finish, beside the duty: whoever is first, the state comes. */
  const expectState = (id: string, state: JobState): Promise<unknown> =>
    eventually(async () => {
      await door.runDuties();
      return (await door.mine.get(id))?.state === state;
    });

  test('a job waits, blocked, until all its parents are completed', async () => {
    const [parents, child] = [scene(door), scene(door)];
    const dependsOn = [await parents.submit(), await parents.submit()];
    const id = await child.submit({ dependsOn });
    const [one, other] = await parents.claim(await parents.openSession());
    await door.mine.complete([lease(one!)]);
    await door.runDuties();
    expect(await child.job(id)).toMatchObject({ state: 'blocked' });
    await door.mine.complete([lease(other!)]);
    await expectState(id, 'available');
  });

  test('a job whose parents are completed already does not wait', async () => {
    const [parent, child] = [scene(door), scene(door)];
    const claimed = await parent.run();
    await door.mine.complete([lease(claimed)]);
    const id = await child.submit({ dependsOn: [claimed.id] });
    await expectState(id, 'available');
  });

  test('a blocked job with a delay is scheduled once its parent is completed', async () => {
    const [parent, child] = [scene(door), scene(door)];
    const claimed = await parent.run();
    const id = await child.submit({ dependsOn: [claimed.id], delaySeconds: 1_000 });
    await door.mine.complete([lease(claimed)]);
    await expectState(id, 'scheduled');
    await pass(door, 1_100);
    await expectState(id, 'available');
  });

  test.for(['failed', 'cancelled'] as const)(
    'a parent that is %s cancels the jobs that wait for it',
    async (outcome) => {
      const [parent, child] = [scene(door), scene(door)];
      const claimed = await parent.run({ maxAttempts: 1 });
      const id = await child.submit({ dependsOn: [claimed.id] });
      const grandchild = await child.submit({ dependsOn: [id] });
      if (outcome === 'cancelled') await door.mine.cancel([claimed.id]);
      await door.mine.fail([{ ...lease(claimed), error }]);
      await expectState(id, 'cancelled');
      await expectState(grandchild, 'cancelled');
    },
  );

  test('a job may run all the same when a parent fails', async () => {
    const [parent, child] = [scene(door), scene(door)];
    const claimed = await parent.run({ maxAttempts: 1 });
    const id = await child.submit({ dependsOn: [claimed.id], onDependencyFailure: 'run' });
    await door.mine.fail([{ ...lease(claimed), error }]);
    await expectState(id, 'available');
  });

  test('a failed attempt of a parent that will be tried again unblocks nothing', async () => {
    const [parent, child] = [scene(door), scene(door)];
    const claimed = await parent.run();
    const id = await child.submit({ dependsOn: [claimed.id] });
    await door.mine.fail([{ ...lease(claimed), error }]);
    await door.runDuties();
    expect(await child.job(id)).toMatchObject({ state: 'blocked' });
  });

  test('a job after a batch waits until every job of it is finished, however it ended', async () => {
    const [members, after] = [scene(door), scene(door)];
    const batchId = `batch-${members.kind}`;
    for (let member = 0; member < 3; member++) await members.submit({ batchId, maxAttempts: 1 });
    const id = await after.submit({ afterBatch: batchId });
    const [completed, failed, cancelled] = await members.claim(await members.openSession());
    await door.mine.complete([lease(completed!)]);
    await door.mine.fail([{ ...lease(failed!), error }]);
    await door.runDuties();
    expect(await after.job(id)).toMatchObject({ state: 'blocked' });
    await door.mine.cancel([cancelled!.id]);
    await door.mine.release([lease(cancelled!)]);
    await expectState(id, 'available');
  });

  test('parents and children may come in one batch', async () => {
    const { kind } = scene(door);
    const parent = uuidV7();
    const [, child] = await door.mine.submitMany([
      { id: parent, kind, payload: null },
      { kind, payload: null, dependsOn: [parent] },
    ]);
    expect(await door.mine.get(child!)).toMatchObject({ state: 'blocked' });
    const session = await door.mine.openSession({ kinds: [kind], leaseSeconds: 3_600 });
    const claimed = await door.mine.claim(session, 10);
    expect(claimed).toMatchObject([{ id: parent }]);
    await door.mine.complete([lease(claimed[0]!)]);
    await expectState(child!, 'available');
  });

  test('a job that names a parent that does not exist is refused', async () => {
    const { submit } = scene(door);
    const dependsOn = ['01890000-0000-7000-8000-000000000000'];
    await expect(submit({ dependsOn })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('a job cannot wait for itself, nor for one that comes later in its batch', async () => {
    const { kind, submit } = scene(door);
    const [first, second, third] = [uuidV7(), uuidV7(), uuidV7()];
    await expect(submit({ id: first, dependsOn: [first] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const ring = [
      { id: first, kind, payload: null, dependsOn: [third] },
      { id: second, kind, payload: null, dependsOn: [first] },
      { id: third, kind, payload: null, dependsOn: [second] },
    ];
    await expect(door.mine.submitMany(ring)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    for (const id of [first, second, third]) expect(await door.mine.get(id)).toBeNull();
  });

  test('a batch counts its jobs by state, and is done when none is live', async () => {
    const { kind, submit, openSession, claim } = scene(door);
    const batchId = `batch-${kind}`;
    const none = {
      available: 0,
      blocked: 0,
      cancelled: 0,
      completed: 0,
      failed: 0,
      running: 0,
      scheduled: 0,
    };
    expect(await door.mine.batchStatus(batchId)).toEqual({ batchId, total: 0, byState: none, isDone: true });

    for (let member = 0; member < 4; member++) await submit({ batchId, maxAttempts: 1 });
    const later = await submit({ batchId, delaySeconds: 1_000 });
    const [completed, failed, running] = await claim(await openSession(), 3);
    await door.mine.complete([lease(completed!)]);
    await door.mine.fail([{ ...lease(failed!), error }]);
    await door.mine.cancel([later]);
    const byState = { ...none, available: 1, running: 1, completed: 1, failed: 1, cancelled: 1 };
    expect(await door.mine.batchStatus(batchId)).toEqual({ batchId, total: 5, byState, isDone: false });

    await door.mine.complete([lease(running!)]);
    await door.mine.complete((await claim(await openSession())).map(lease));
    expect(await door.mine.batchStatus(batchId)).toMatchObject({ total: 5, isDone: true });
  });
};
