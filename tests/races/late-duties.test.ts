import { describe, expect, test } from 'vitest';
import { useArena } from './use-arena.ts';

const arena = useArena();

describe('a promotion that comes late', () => {
  test('leaves the job alone that a worker runs by now', async () => {
    const [worker, late] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{}]);
    await worker!.snooze(await worker!.claim(session, 1), 1);
    await arena.clock.advance(2);
    expect(await worker!.promote([id!])).toBe(1);
    const held = await worker!.claim(session, 1);

    expect(await late!.promote([id!])).toBe(0);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', session_id: session, epoch: 2 });
    expect(await worker!.complete(held)).toEqual([]);
  });
});

describe('a time-out', () => {
  test('leaves the attempt alone that began after the one it is late for', async () => {
    const [worker, timer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{ timeout_seconds: 100, max_attempts: 1 }]);
    const first = await worker!.claim(session, 1);
    await arena.clock.advance(60);
    await worker!.release(first);
    await worker!.claim(session, 1);

    await arena.clock.advance(50);
    expect(await timer!.timeOut()).toBe(0);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', epoch: 2 });
    await arena.clock.advance(60);
    expect(await timer!.timeOut()).toBe(1);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'failed' });
  });

  test('ends each job of a claim at its own time', async () => {
    const [worker, timer] = await arena.addActors(2);
    const [short, long] = await worker!.submit([
      { timeout_seconds: 10, max_attempts: 1 },
      { timeout_seconds: 100, max_attempts: 1 },
    ]);
    await worker!.claim(await arena.openSession(), 2);

    await arena.clock.advance(20);
    expect(await timer!.timeOut()).toBe(1);
    expect(await arena.readJob(short!)).toMatchObject({ state: 'failed' });
    expect(await arena.readJob(long!)).toMatchObject({ state: 'running' });
    await arena.clock.advance(100);
    expect(await timer!.timeOut()).toBe(1);
    expect(await arena.readJob(long!)).toMatchObject({ state: 'failed' });
  });
});
