import { type HeartbeatAnswer, LongshoreError } from '@longshore/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { type HeartbeatEvent, startHeartbeatLoop } from './heartbeat-loop.ts';

const nothing: HeartbeatAnswer = { lost: [], cancel: [], messages: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A session of ten seconds with a beat every three, at a server whose answers the test gives. */
const startBeating = () => {
  const events: HeartbeatEvent['type'][] = [];
  const beats: PromiseWithResolvers<HeartbeatAnswer>[] = [];
  const heartbeat: ApiClient['worker']['heartbeat'] = () => {
    const beat = Promise.withResolvers<HeartbeatAnswer>();
    beats.push(beat);
    return beat.promise;
  };
  const nudges: PromiseWithResolvers<{ isNudged: boolean }>[] = [];
  const listen: ApiClient['worker']['listen'] = () => {
    const nudge = Promise.withResolvers<{ isNudged: boolean }>();
    nudges.push(nudge);
    return nudge.promise;
  };
  startHeartbeatLoop(
    { worker: { heartbeat, listen } } as ApiClient,
    { sessionId: 's', leaseSeconds: 10, heartbeatSeconds: 3 },
    ({ type }) => events.push(type),
  );
  return { events, beats, nudges };
};
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

describe('heartbeats', () => {
  it('lose the session, before the server may, when none was confirmed', async () => {
    const { events } = startBeating();
    await pass(7.9);
    expect(events).toEqual([]);
    await pass(0.2);
    expect(events).toEqual(['sessionLost']);
  });

  it('keep the lease from when they were sent, however late the answer', async () => {
    const { events, beats } = startBeating();
    await pass(3);
    await pass(3);
    beats[0]!.resolve(nothing);
    await pass(4.9);
    expect(events).toEqual(['answer']);
    await pass(0.2);
    expect(events).toEqual(['answer', 'sessionLost']);
  });

  it('leave at once when the server has news, and listening goes on behind the answer', async () => {
    const { events, beats, nudges } = startBeating();
    nudges[0]!.resolve({ isNudged: true });
    await pass(0);
    expect([beats.length, nudges.length]).toEqual([1, 1]);
    beats[0]!.resolve(nothing);
    await pass(0);
    expect(events).toEqual(['answer']);
    expect(nudges).toHaveLength(2);
  });

  it('are not asked for again and again by a nudge that none of them answers', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { beats, nudges } = startBeating();
    for (const turn of [0, 1]) {
      nudges[turn]!.resolve({ isNudged: true });
      await pass(0);
      beats[turn]!.reject(new LongshoreError('UNAVAILABLE', 'away'));
      await pass(0);
      expect(nudges).toHaveLength(turn + 1);
      // 50 ms after the first failure, 100 ms after the second.
      await pass(0.05 * (turn + 1));
      expect(nudges).toHaveLength(turn + 2);
    }
  });

  it('go on at a server that knows of no listening', async () => {
    const { events, beats, nudges } = startBeating();
    nudges[0]!.reject(new LongshoreError('NOT_FOUND', 'no such procedure'));
    await pass(3);
    beats[0]!.resolve(nothing);
    await pass(2);
    expect(events).toEqual(['answer']);
    expect(nudges).toHaveLength(1);
  });

  it('lose the session at once when the server says so', async () => {
    const { events, beats } = startBeating();
    await pass(3);
    beats[0]!.reject(new LongshoreError('SESSION_LOST', 'dead'));
    await pass(0);
    expect(events).toEqual(['sessionLost']);
    await pass(60);
    expect(events).toEqual(['sessionLost']);
    expect(beats).toHaveLength(1);
  });
});
