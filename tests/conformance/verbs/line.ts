import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

export const describeLine = (door: Door): void => {
  test('smaller priorities go first, below zero too', async () => {
    const { submit, openSession, claim } = scene(door);
    const priorities = [0, 5, -1, 32_767, -32_768, 1];
    for (const priority of priorities) await submit({ priority });
    const session = await openSession();
    // Two at a time: whoever took all could only be asked how the answer is sorted.
    const claimed = [await claim(session, 2), await claim(session, 2), await claim(session, 2)].flat();
    expect(claimed.map(({ priority }) => priority)).toEqual([-32_768, -1, 0, 1, 5, 32_767]);
  });

  test('a claim of one takes the most urgent, though it came last', async () => {
    const { submit, openSession, claim } = scene(door);
    await submit();
    await submit();
    const urgent = await submit({ priority: -1 });
    expect(await claim(await openSession(), 1)).toMatchObject([{ id: urgent }]);
  });

  test('within one priority the first come is first served, across kinds and queues', async () => {
    const [one, other] = [scene(door), scene(door)];
    const ids: string[] = [];
    for (let round = 0; round < 4; round++) {
      ids.push(
        await one.submit({ queue: 'left' }),
        await other.submit(),
        await one.submit({ queue: 'right' }),
      );
    }
    const session = await door.mine.openSession({ kinds: [one.kind, other.kind], leaseSeconds: 3_600 });
    const claimed: string[] = [];
    for (let claim = 0; claim < 4; claim++) {
      claimed.push(...(await door.mine.claim(session, 3)).map(({ id }) => id));
    }
    expect(claimed).toEqual(ids);
  });

  test('a job that comes back goes to the end of its line', async () => {
    const { submit, openSession, claim } = scene(door);
    const first = await submit();
    const second = await submit();
    const session = await openSession();
    const [claimed] = await claim(session, 1);
    expect(claimed).toMatchObject({ id: first });
    await door.mine.release([lease(claimed!)]);
    expect((await claim(session)).map(({ id }) => id)).toEqual([second, first]);
  });

  test('scheduled jobs join the line in the order of their times', async () => {
    const { submit, openSession, claim } = scene(door);
    const late = await submit({ delaySeconds: 200 });
    const early = await submit({ delaySeconds: 100 });
    await pass(door, 150);
    await pass(door, 100);
    expect((await claim(await openSession())).map(({ id }) => id)).toEqual([early, late]);
  });

  test('no job is handed out twice', async () => {
    const { kind, openSession, claim } = scene(door);
    const ids = await door.mine.submitMany(Array.from({ length: 60 }, () => ({ kind, payload: null })));
    const sessions = await Promise.all(Array.from({ length: 6 }, () => openSession()));
    const claims = await Promise.all(sessions.flatMap((session) => [claim(session, 7), claim(session, 7)]));
    const rest = await claim(sessions[0]!, 60);
    const claimed = [...claims.flat(), ...rest].map(({ id }) => id);
    expect(claimed.toSorted()).toEqual(ids.toSorted());
  });

  test('a claim takes no more than its limit', async () => {
    const { kind, openSession, claim } = scene(door);
    await door.mine.submitMany(Array.from({ length: 5 }, () => ({ kind, payload: null })));
    const session = await openSession();
    expect(await claim(session, 2)).toHaveLength(2);
    expect(await claim(session, 10)).toHaveLength(3);
    expect(await claim(session, 10)).toHaveLength(0);
  });
};
