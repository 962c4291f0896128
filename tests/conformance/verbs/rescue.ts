import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, pass, scene } from '../scene.ts';

export const describeRescue = (door: Door): void => {
  test('the jobs of a session that fell silent go to others, unspent, with a grown fencing token', async () => {
    const { submit, openSession, claim, claimOne, job } = scene(door);
    const id = await submit({ maxAttempts: 1 });
    const silent = await openSession({ leaseSeconds: 15 });
    const [held] = await claim(silent);

    await pass(door, 10);
    expect(await job(id)).toMatchObject({ state: 'running' });
    await pass(door, 10);
    expect(await job(id)).toMatchObject({
      state: 'available',
      attempt: 0,
      rescues: 1,
      attempts: [{ attempt: 1, outcome: 'rescued' }],
    });

    const successor = await claimOne();
    expect(successor).toMatchObject({ id, attempt: 1, fencingToken: 2 });
    const late = await door.mine.complete([{ ...lease(held!), result: 'zombie' }]);
    expect(late).toEqual([{ ok: false, state: 'running', code: 'LEASE_LOST' }]);
    await door.mine.complete([{ ...lease(successor), result: 'successor' }]);
    expect(await job(id)).toMatchObject({ state: 'completed', result: 'successor' });
  });

  test('a heartbeat keeps every lease of its session', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const ids = [await submit(), await submit()];
    const session = await openSession({ leaseSeconds: 15 });
    const held = (await claim(session)).map(lease);
    for (let beat = 0; beat < 5; beat++) {
      await door.clock.advance(10);
      expect(await door.mine.heartbeat(session, held)).toEqual({ lost: [], cancel: [], messages: [] });
      await door.runDuties();
    }
    for (const id of ids) expect(await job(id)).toMatchObject({ state: 'running', rescues: 0 });
  });

  test('a late finish of a job that was not yet rescued is accepted', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit();
    const [held] = await claim(await openSession({ leaseSeconds: 15 }));
    await door.clock.advance(3_600);
    expect(await door.mine.complete([lease(held!)])).toMatchObject([{ ok: true, state: 'completed' }]);
    await door.runDuties();
    expect(await job(id)).toMatchObject({ state: 'completed', rescues: 0 });
  });

  test('a session that died is not heard again, and gets nothing', async () => {
    const { submit, openSession, claim } = scene(door);
    const session = await openSession({ leaseSeconds: 15 });
    await pass(door, 20);
    await submit();
    expect(await door.mine.heartbeat(session, [])).toBeNull();
    expect(await claim(session)).toEqual([]);
  });

  test('a heartbeat names the jobs that the session has lost', async () => {
    const { submit, openSession, claim } = scene(door);
    await submit();
    await submit();
    const session = await openSession();
    const [kept, gone] = await claim(session);
    await door.mine.complete([lease(gone!)]);
    expect(await door.mine.heartbeat(session, [lease(kept!), lease(gone!)])).toEqual({
      lost: [{ ...lease(gone!), state: 'completed', outcome: null }],
      cancel: [],
      messages: [],
    });
  });

  test('the third rescue fails the job as poison', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const id = await submit({ maxAttempts: 100 });
    for (let rescues = 1; rescues <= 3; rescues++) {
      expect(await claim(await openSession({ leaseSeconds: 15 }))).toMatchObject([
        { id, fencingToken: rescues },
      ]);
      await pass(door, 20);
      expect(await job(id)).toMatchObject({ state: rescues < 3 ? 'available' : 'failed', rescues });
    }
    expect(await job(id)).toMatchObject({ error: { code: 'POISON' } });
    expect(await claim(await openSession())).toEqual([]);
  });

  test('a job whose claim was answered to nobody goes back unspent after the grace', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const [heard, unheard] = [await submit(), await submit()];
    const session = await openSession();
    const [held] = await claim(session, 1);
    await claim(session, 1);

    await door.clock.advance(5);
    await door.mine.heartbeat(session, [lease(held!)]);
    expect(await job(unheard)).toMatchObject({ state: 'running' });

    await door.clock.advance(10);
    expect(await door.mine.heartbeat(session, [lease(held!)])).toEqual({
      lost: [],
      cancel: [],
      messages: [],
    });
    expect(await job(unheard)).toMatchObject({ state: 'available', attempt: 0, rescues: 0 });
    expect(await job(heard)).toMatchObject({ state: 'running' });
  });

  test('what a session took lately is not mistaken for a lost answer', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const session = await openSession();
    await door.clock.advance(60);
    const id = await submit();
    await claim(session);
    await door.mine.heartbeat(session, []);
    expect(await job(id)).toMatchObject({ state: 'running' });
  });

  test('a session keeps what it holds through many heartbeats, and its death still frees it', async () => {
    const { submit, openSession, claim, job } = scene(door);
    const session = await openSession({ leaseSeconds: 15 });
    const ids = [await submit(), await submit(), await submit()];
    const held: ReturnType<typeof lease>[] = [];
    for (const _ of ids) {
      held.push(...(await claim(session, 1)).map(lease));
      await door.clock.advance(12);
      await door.mine.heartbeat(session, held);
    }
    await pass(door, 20);
    for (const id of ids) expect(await job(id)).toMatchObject({ state: 'available', rescues: 1 });
  });
};
