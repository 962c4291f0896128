import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, scene } from '../scene.ts';

export const describeTenants = (door: Door): void => {
  test("another org's job is a job that does not exist", async () => {
    const { kind, submit, job } = scene(door);
    const externalId = `order-${kind}`;
    const batchId = `batch-${kind}`;
    const id = await submit({ externalId, batchId });

    expect(await door.theirs.get(id)).toBeNull();
    expect(await door.theirs.getByExternalId(externalId)).toBeNull();
    expect(await door.theirs.batchStatus(batchId)).toMatchObject({ total: 0 });
    const missing = await door.theirs.cancel([uuidV7()]);
    expect(await door.theirs.cancel([id])).toEqual(missing);
    expect(await door.theirs.retry([id])).toEqual(await door.theirs.retry([uuidV7()]));
    const dependsOn = (parent: string) => door.theirs.submit({ kind, payload: null, dependsOn: [parent] });
    await expect(dependsOn(id)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await job(id)).toMatchObject({ state: 'available' });
  });

  test("another org's lease is no lease", async () => {
    const { run, job } = scene(door);
    const claimed = await run();
    const held = lease(claimed);
    const refused = [{ ok: false, state: null, code: 'LEASE_LOST' }];
    expect(await door.theirs.complete([held])).toEqual(refused);
    expect(await door.theirs.fail([{ ...held, error: { message: 'x' } }])).toEqual(refused);
    expect(await door.theirs.release([held])).toEqual(refused);
    expect(await door.theirs.snooze([{ ...held, delaySeconds: 0 }])).toEqual(refused);
    expect(
      await door.theirs.report([{ ...held, progress: 1, output: [{ stream: 'log', text: 'x' }] }]),
    ).toEqual(refused);
    expect(await door.mine.output(claimed.id)).toEqual([]);
    expect(await job(claimed.id)).toMatchObject({ state: 'running' });
  });

  test("another org's session is a session that does not exist", async () => {
    const { submit, openSession, job } = scene(door);
    const id = await submit();
    const session = await openSession();
    expect(await door.theirs.claim(session, 10)).toEqual([]);
    expect(await door.theirs.heartbeat(session, [])).toBeNull();
    expect(await job(id)).toMatchObject({ state: 'available' });
    expect(await door.mine.heartbeat(session, [])).not.toBeNull();
  });

  test('jobs of one org never go to a worker of another', async () => {
    const { kind, submit } = scene(door);
    await submit();
    const session = await door.theirs.openSession({ kinds: [kind] });
    expect(await door.theirs.claim(session, 10)).toEqual([]);
  });

  test('two orgs may use the same ids', async () => {
    const { kind, submit, job, claimOne } = scene(door);
    const id = uuidV7();
    await submit({ id, payload: 'mine' });
    expect(await door.theirs.submit({ id, kind, payload: 'theirs' })).toBe(id);
    await door.mine.complete([lease(await claimOne())]);
    expect(await job(id)).toMatchObject({ state: 'completed', payload: 'mine' });
    expect(await door.theirs.get(id)).toMatchObject({ state: 'available', payload: 'theirs' });
  });

  test('pausing a queue is felt in its own org alone', async () => {
    const { kind } = scene(door);
    const queue = `queue-${kind}`;
    await door.theirs.submit({ kind, payload: null, queue });
    await door.mine.pauseQueue(queue);
    const session = await door.theirs.openSession({ kinds: [kind] });
    expect(await door.theirs.claim(session, 10)).toHaveLength(1);
  });
};
