import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { scene } from '../scene.ts';

export const describeRouting = (door: Door): void => {
  test('a job goes only to a worker that has all it requires', async () => {
    const { submit, openSession, claim } = scene(door);
    const plain = await submit();
    const gpu = await submit({ requiredCapabilities: ['gpu'] });
    const both = await submit({ requiredCapabilities: ['linux', 'gpu'] });

    expect(await claim(await openSession({ capabilities: ['linux'] }))).toMatchObject([{ id: plain }]);
    expect(await claim(await openSession({ capabilities: ['gpu'] }))).toMatchObject([{ id: gpu }]);
    expect(await claim(await openSession({ capabilities: ['arm', 'gpu', 'linux'] }))).toMatchObject([
      { id: both },
    ]);
  });

  test('a worker gets only the kinds that it handles', async () => {
    const [one, other] = [scene(door), scene(door)];
    await one.submit();
    expect(await other.claim(await other.openSession())).toEqual([]);
    expect(await one.claim(await one.openSession())).toHaveLength(1);
  });

  test('a worker of some queues gets jobs of these alone', async () => {
    const { submit, openSession, claim } = scene(door);
    await submit({ queue: 'slow' });
    const fast = await submit({ queue: 'fast' });
    expect(await claim(await openSession({ queues: ['fast', 'none'] }))).toMatchObject([{ id: fast }]);
    expect(await claim(await openSession())).toMatchObject([{ queue: 'slow' }]);
  });

  test('a job of a category says so to who asks and to who runs it', async () => {
    const { submit, job, claimOne } = scene(door);
    const id = await submit({ category: 'llm' });
    expect(await job(id)).toMatchObject({ category: 'llm' });
    expect(await claimOne()).toMatchObject({ id, category: 'llm' });
    expect(await job(await submit())).toMatchObject({ category: null });
  });

  test('a paused queue hands out nothing until it is resumed', async () => {
    const { kind, submit, openSession, claim } = scene(door);
    const queue = `queue-${kind}`;
    const paused = await submit({ queue });
    const other = await submit();
    const session = await openSession();

    await door.mine.pauseQueue(queue);
    await door.mine.pauseQueue(queue);
    expect(await claim(session)).toMatchObject([{ id: other }]);
    expect(await claim(session)).toEqual([]);

    await door.mine.resumeQueue(queue);
    expect(await claim(session)).toMatchObject([{ id: paused }]);
  });

  test('pausing a queue does not disturb what runs', async () => {
    const { kind, run } = scene(door);
    const queue = `queue-${kind}`;
    const { id, leaseToken } = await run({ queue });
    await door.mine.pauseQueue(queue);
    expect(await door.mine.complete([{ id, leaseToken }])).toMatchObject([{ ok: true, state: 'completed' }]);
  });

  test('a session that was closed gets nothing more', async () => {
    const { submit, openSession, claim } = scene(door);
    await submit();
    const session = await openSession();
    await door.mine.closeSession(session);
    expect(await claim(session)).toEqual([]);
  });
};
