import { type HeartbeatAnswer, LongshoreError } from '@longshore/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { type HeartbeatEvent, startHeartbeatLoop } from './heartbeat-loop.ts';

const nothing: HeartbeatAnswer = { lost: [], cancel: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A session of ten seconds with a beat every three, at a server whose answers the test gives. */
const startBeating = () => {
  const events: HeartbeatEvent['type'][] = [];
  const beats: PromiseWithResolvers<HeartbeatAnswer>[] = [];
  const heartbeat: ApiClient['worker']['heartbeat'] = () => {
    const beat = Promise.withResolvers<HeartbeatAnswer>();
    beats.push(beat);
    return beat.promise;
  };
  startHeartbeatLoop(
    { worker: { heartbeat } } as ApiClient,
    { sessionId: 's', leaseSeconds: 10, heartbeatSeconds: 3 },
    ({ type }) => events.push(type),
  );
  return { events, beats };
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
