import { describe, expect, it } from 'vitest';
import { createRoomWait } from './room-wait.ts';

const never = new AbortController().signal;

describe('room wait', () => {
  it('ends at once when there is room enough', async () => {
    await createRoomWait(() => 5).untilRoom(5, never);
  });

  it('ends for less than enough after a moment, so that one free place is never idle for long', async () => {
    await createRoomWait(() => 1).untilRoom(5, never);
  });

  it('waits while there is no room, until told that there is', async () => {
    let room = 0;
    const wait = createRoomWait(() => room);
    const roomy = wait.untilRoom(2, never).then(() => room);
    wait.notice();
    room = 2;
    wait.notice();
    expect(await roomy).toBe(2);
  });

  it('ends when its signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = createRoomWait(() => 0).untilRoom(1, stop.signal);
    stop.abort();
    await waiting;
  });
});
