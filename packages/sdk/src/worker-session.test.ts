import { type ClaimedJob, LongshoreError } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import { createApiClient } from './api-client.ts';
import { createWorkerSession } from './worker-session.ts';

const nothing = (): void => undefined;
const heartbeats = { hold: nothing, drop: nothing, say: nothing, beat: nothing, stop: nothing };
const job = { id: 'x', leaseToken: 'token' } as ClaimedJob;
const lost = new LongshoreError('SESSION_LOST', 'silent for too long');

/** A session at a server that is away, or answers something else, for so many requests. */
const createTestSession = (outage: number, outageAnswer?: () => Response) => {
  const calls = { count: 0 };
  const answered = Promise.withResolvers<void>();
  const over = new AbortController();
  const fetch = async (): Promise<Response> => {
    calls.count += 1;
    if (calls.count <= outage && outageAnswer) return outageAnswer();
    if (calls.count <= outage) throw new TypeError('fetch failed');
    answered.resolve();
    const data = { released: 0, answers: [{ id: job.id, ok: true, state: 'completed' }] };
    return Response.json({ result: { data } });
  };
  const api = createApiClient({ url: 'http://away.invalid', apiKey: 'none', fetch });
  const said: unknown[] = [];
  const session = createWorkerSession({
    api,
    sessionId: 's',
    heartbeats: { ...heartbeats, say: (posture) => said.push(posture), beat: () => said.push('beat') },
    overSignal: over.signal,
    onLost: () => said.push('lost'),
  });
  return { session, calls, answered, over, said };
};

describe('worker session', () => {
  it('is closed once the server is back, however often it was away, when it was lost', async () => {
    const { session, calls, answered } = createTestSession(5);
    session.lose(lost);
    expect(session.signal.aborted).toBe(true);
    await answered.promise;
    await session.close();
    expect(calls.count).toBe(6);
  });

  it('is left to the server when the worker is over', async () => {
    const { session, calls, over } = createTestSession(Number.POSITIVE_INFINITY);
    session.lose(lost);
    over.abort();
    await session.close();
    expect(calls.count).toBeLessThanOrEqual(1);
  });

  it('sends what a handler wrote again when something between answers that it broke', async () => {
    const { session, calls } = createTestSession(2, () => new Response('<html>', { status: 500 }));
    const answer = await session.report(job, { seq: 1, progress: 0.5 }, 3);
    expect(answer).toMatchObject({ ok: true });
    expect(calls.count).toBe(3);
  });

  it('tells at once how the process stands', () => {
    const { session, said } = createTestSession(0);
    session.say({ isDraining: true });
    expect(said).toEqual([{ isDraining: true }, 'beat']);
  });

  it('is not lost when a heartbeat finds that it was closed', async () => {
    const { session, said } = createTestSession(0);
    const closed = session.close();
    session.lose(lost);
    await closed;
    expect(said).toEqual([]);
    expect(session.signal.aborted).toBe(true);
  });

  it('tells how a job ended until it is answered, however often the server is away', async () => {
    const { session, calls } = createTestSession(3);
    const answer = await session.finish(job, { type: 'complete', resultText: '1' });
    expect(answer).toMatchObject({ ok: true, state: 'completed' });
    expect(calls.count).toBe(4);
  });
});
