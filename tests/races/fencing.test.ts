import { describe, expect, test } from 'vitest';
import { useArena } from './use-arena.ts';

const arena = useArena();

describe('B-01: a job that finishes while the rescuer looks at it', () => {
  test('stays completed, and the rescuer takes nothing back', async () => {
    const [worker, rescuer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);
    await arena.silence(session);

    await worker!.begin();
    await worker!.complete(held, 'in time');
    expect(await rescuer!.rescue([session])).toBe(0);
    await worker!.commit();

    expect(await rescuer!.rescue([session])).toBe(0);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'in time', rescues: 0 });
  });

  test('goes back when its finish is rolled back instead', async () => {
    const [worker, rescuer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);
    await arena.silence(session);

    await worker!.begin();
    await worker!.complete(held);
    expect(await rescuer!.rescue([session])).toBe(0);
    await worker!.rollback();

    expect(await rescuer!.rescue([session])).toBe(1);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', attempt: 0, rescues: 1 });
    await rescuer!.cancel([id!]);
  });
});

describe('B-02: a rescue that comes late', () => {
  test('leaves the job alone that another session has claimed meanwhile', async () => {
    const [worker, rescuer] = await arena.addActors(2);
    const [dead, alive] = [await arena.openSession(), await arena.openSession()];
    const [id] = await worker!.submit([{}]);
    const held = await worker!.claim(dead, 1);
    await arena.silence(dead);

    await worker!.begin();
    await worker!.release(held);
    const [again] = await worker!.claim(alive, 1);
    expect(await rescuer!.rescue([dead])).toBe(0);
    await worker!.commit();

    expect(await rescuer!.rescue([dead])).toBe(0);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', session_id: alive, epoch: 2 });
    expect(await worker!.complete([again!])).toEqual([]);
  });

  test('leaves a session alone that was heard from since the rescuer looked', async () => {
    const [worker, rescuer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);
    await arena.silence(session);

    await worker!.begin();
    await worker!.heartbeat([{ sessionId: session, held }]);
    expect(await rescuer!.rescue([session])).toBe(0);
    await worker!.commit();
    expect(await rescuer!.rescue([session])).toBe(0);

    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', epoch: 1 });
    await worker!.complete(held);
  });
});

describe('B-03, B-04: a worker that lost its lease', () => {
  test('cannot complete the job; its successor can, and the successor’s result is stored', async () => {
    const [zombie, successor] = await arena.addActors(2);
    const [stalled, fresh] = [await arena.openSession(), await arena.openSession()];
    const [id] = await zombie!.submit([{}]);
    const lost = await zombie!.claim(stalled, 1);
    await arena.silence(stalled);
    await successor!.rescue([stalled]);

    await successor!.begin();
    const held = await successor!.claim(fresh, 1);
    const refused = zombie!.complete(lost, 'zombie');
    expect(await refused).toMatchObject([{ id, state: 'available', is_accepted: false }]);
    await successor!.commit();

    expect(await zombie!.complete(lost, 'zombie')).toMatchObject([
      { id, state: 'running', is_accepted: false },
    ]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', epoch: 2, session_id: fresh });
    expect(await successor!.complete(held, 'rightful')).toEqual([]);
    expect(await zombie!.complete(lost, 'zombie')).toMatchObject([
      { state: 'completed', is_accepted: false },
    ]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'rightful', epoch: 2 });
  });

  test('leaves an epoch that the next rescue and claim raise again', async () => {
    const [actor] = await arena.addActors(1);
    const [id] = await actor!.submit([{}]);
    for (const epoch of [1, 2]) {
      const session = await arena.openSession();
      const held = await actor!.claim(session, 1);
      expect(held).toMatchObject([{ id, epoch }]);
      await arena.silence(session);
      await actor!.rescue([session]);
      expect(await actor!.complete(held)).toMatchObject([{ is_accepted: false }]);
    }
    const held = await actor!.claim(await arena.openSession(), 1);
    expect(held).toMatchObject([{ id, epoch: 3, attempt: 1 }]);
    await actor!.complete(held);
  });

  test('cannot release, fail or report on it either, nor keep it by a heartbeat', async () => {
    const [actor] = await arena.addActors(1);
    const [stalled, fresh] = [await arena.openSession(), await arena.openSession()];
    const [id] = await actor!.submit([{}]);
    const lost = await actor!.claim(stalled, 1);
    await actor!.release(lost);
    const held = await actor!.claim(fresh, 1);

    expect(await actor!.release(lost)).toMatchObject([{ is_accepted: false, state: 'running' }]);
    expect(await actor!.fail(lost)).toMatchObject([{ is_accepted: false, state: 'running' }]);
    const [beat] = await actor!.heartbeat([{ sessionId: stalled, held: lost }]);
    expect(beat!.lost).toEqual([
      { id, leaseToken: lost[0]!.lease_token, state: 'running', outcome: 'released' },
    ]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', session_id: fresh, epoch: 2 });
    await actor!.complete(held);
  });
});

describe('B-05: the fail of a zombie', () => {
  test('does not move a job back that another has completed meanwhile', async () => {
    const [zombie, successor] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await zombie!.submit([{}]);
    const lost = await zombie!.claim(session, 1);
    await zombie!.release(lost);
    const held = await successor!.claim(session, 1);

    await successor!.begin();
    await successor!.complete(held, 'done');
    expect(await zombie!.fail(lost)).toMatchObject([{ is_accepted: false }]);
    await successor!.commit();

    expect(await zombie!.fail(lost)).toMatchObject([{ state: 'completed', is_accepted: false }]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'done' });
  });

  test('loses against a complete with the same token that commits first', async () => {
    const [one, other] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await one!.submit([{}]);
    const held = await one!.claim(session, 1);

    await one!.begin();
    await one!.complete(held, 'first');
    const failed = other!.fail(held);
    await arena.untilBlocked(other!);
    await one!.commit();

    expect(await failed).toMatchObject([{ state: 'completed' }]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'first' });
  });
});

describe('B-13: two sessions of the same worker, host and process id', () => {
  test('are told apart: one dies, the other keeps its job', async () => {
    const [actor] = await arena.addActors(1);
    const at = { host: 'twin.example', pid: 4711 };
    const [dead, alive] = [await arena.openSession(at), await arena.openSession(at)];
    await actor!.submit([{}, {}]);
    const [lost] = await actor!.claim(dead, 1);
    const [kept] = await actor!.claim(alive, 1);
    await arena.silence(dead);

    expect(await actor!.rescue([dead, alive])).toBe(1);

    expect(await arena.readJob(lost!.id)).toMatchObject({ state: 'available', rescues: 1 });
    expect(await arena.readJob(kept!.id)).toMatchObject({ state: 'running', session_id: alive });
    await actor!.cancel([lost!.id]);
    expect(await actor!.complete([kept!])).toEqual([]);
  });
});

describe('B-50: a job released a hundred times', () => {
  test('has spent no attempt, and each claim had an epoch of its own', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const [id] = await actor!.submit([{}]);
    const epochs: number[] = [];
    for (let round = 0; round < 100; round++) {
      const held = await actor!.claim(session, 1);
      expect(held).toMatchObject([{ id, attempt: 1 }]);
      epochs.push(held[0]!.epoch);
      expect(await actor!.release(held)).toMatchObject([{ state: 'available', is_accepted: true }]);
    }
    expect(epochs).toEqual(Array.from({ length: 100 }, (_, round) => round + 1));
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', attempt: 0, epoch: 100 });
    await actor!.cancel([id!]);
  });
});
