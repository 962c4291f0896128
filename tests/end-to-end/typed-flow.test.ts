import { createClient, createWorker, defineJob, FatalError, type Worker } from '@longshore/sdk';
import { eventually, gate, useApi } from '@longshore/test-kit';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const workers: Worker[] = [];

const makeWorker = (options: Omit<Parameters<typeof createWorker>[0], 'url' | 'apiKey'>): Worker => {
  const worker = createWorker({ url: api.url, apiKey: api.keys.worker, ...options });
  workers.push(worker);
  return worker;
};
const makeClient = () => createClient({ url: api.url, apiKey: api.keys.submit });

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.forceStop()));
});

const stretch = defineJob({
  kind: 'stretch',
  payload: z.object({
    days: z.array(z.iso.datetime()).transform((days) => days.map((day) => new Date(day))),
  }),
  result: z.object({ hours: z.number() }),
  progress: z.object({ part: z.number() }),
});

describe('a typed job', () => {
  test('carries payload, progress, output and result from submit to wait', async () => {
    const [reported, seen] = [gate(), gate()];
    const worker = makeWorker({
      handlers: [
        stretch.handler(async ({ days: [from, to] }, { progress, log, attempt, idempotencyKey, job }) => {
          expect({ attempt, idempotencyKey }).toEqual({ attempt: 1, idempotencyKey: job.id });
          progress({ part: 0.5 });
          log('half way');
          reported.open();
          await seen.opened;
          return { hours: (to!.getTime() - from!.getTime()) / 3_600_000 };
        }),
      ],
    });
    await worker.start();
    const client = makeClient();
    const handle = await client.submit(stretch, { days: ['2030-01-01T00:00:00Z', '2030-01-02T12:00:00Z'] });
    await reported.opened;
    const running = await eventually(async () => {
      const job = await client.get(stretch, handle.id);
      return job.state === 'running' && job.progress !== null && job;
    });
    expect(running.progress?.part).toBe(0.5);
    expect(running.payload.days[0]).toEqual(new Date('2030-01-01T00:00:00Z'));
    seen.open();

    const { hours } = await handle.wait({ timeoutSeconds: 20 });
    expect(hours).toBe(36);
    expect((await client.output(handle.id)).map(({ text }) => text)).toEqual(['half way']);
  });

  test('that fails for good rejects its wait with the error that the handler threw', async () => {
    const boom = defineJob({
      kind: 'boom',
      payload: z.string(),
      maxAttempts: 2,
      backoff: { type: 'fixed', baseSeconds: 0 },
    });
    const attempts: number[] = [];
    const worker = makeWorker({
      handlers: [
        boom.handler((message, { attempt }) => {
          attempts.push(attempt);
          throw message === 'fatal' ? new FatalError(message) : new Error(message);
        }),
      ],
    });
    await worker.start();
    const client = makeClient();
    const refused = { code: 'JOB_FAILED', cause: { message: 'transient' } };
    await expect((await client.submit(boom, 'transient')).wait()).rejects.toMatchObject(refused);
    expect(attempts).toEqual([1, 2]);
    await expect((await client.submit(boom, 'fatal')).wait()).rejects.toMatchObject({ code: 'JOB_FAILED' });
    expect(attempts).toEqual([1, 2, 1]);
  });

  test('that nobody does in time is a TIMEOUT, and one that is cancelled is JOB_CANCELLED', async () => {
    const idle = defineJob({ kind: 'idle', payload: z.null() });
    const client = makeClient();
    const handle = await client.submit(idle, null);
    await expect(handle.wait({ timeoutSeconds: 0 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await client.cancel(handle.id);
    await expect(handle.wait()).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
  });
});

describe('a worker', () => {
  const hold = defineJob({ kind: 'hold', payload: z.number(), result: z.number() });

  test('that stops finishes what runs and leaves what waits to others', async () => {
    const [started, release] = [gate(), gate()];
    const first = makeWorker({
      concurrency: 1,
      handlers: [
        hold.handler(async (n) => {
          started.open();
          await release.opened;
          return n;
        }),
      ],
    });
    await first.start();
    const client = makeClient();
    const running = await client.submit(hold, 1);
    await started.opened;
    const waiting = await Promise.all([2, 3, 4].map((n) => client.submit(hold, n)));
    const stopped = first.stop({ timeoutSeconds: 20 });
    release.open();
    await stopped;
    expect(await running.wait()).toBe(1);
    for (const { id } of waiting)
      expect(await client.get(id)).toMatchObject({ state: 'available', attempt: 0 });

    await makeWorker({ handlers: [hold.handler((n) => n * 10)] }).start();
    expect(await Promise.all(waiting.map((handle) => handle.wait()))).toEqual([20, 30, 40]);
  });

  test('that is forced to stop gives its jobs back unspent and aborts the handlers', async () => {
    const started = gate();
    const aborted = gate<unknown>();
    const worker = makeWorker({
      handlers: [
        hold.handler((_, { signal }) => {
          started.open();
          return new Promise<number>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted.open(signal.reason);
              reject(signal.reason);
            });
          });
        }),
      ],
    });
    await worker.start();
    const client = makeClient();
    const { id } = await client.submit(hold, 1);
    await started.opened;
    await worker.forceStop();
    expect(await aborted.opened).toMatchObject({ code: 'LEASE_LOST' });
    expect(await client.get(id)).toMatchObject({ state: 'available', attempt: 0 });
    await client.cancel(id);
  });

  test('B-12: that lost its session opens another, and its job is done after all', async () => {
    const started = gate();
    let runs = 0;
    const worker = makeWorker({
      leaseSeconds: 9,
      handlers: [
        hold.handler((n, { signal }) => {
          runs += 1;
          if (runs > 1) return n;
          started.open();
          return new Promise<number>((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          );
        }),
      ],
    });
    const sessions: string[] = [];
    const lost: string[] = [];
    worker.on('sessionOpened', ({ sessionId }) => sessions.push(sessionId));
    worker.on('sessionLost', ({ sessionId, error }) => lost.push(sessionId, error.code));
    await worker.start();
    const handle = await makeClient().submit(hold, 5);
    await started.opened;

    await api.database.query('select longshore.close_session($1, $2)', [api.orgId, sessions[0]]);
    expect(await handle.wait({ timeoutSeconds: 20 })).toBe(5);
    expect(lost).toEqual([sessions[0], 'SESSION_LOST']);
    expect(sessions).toHaveLength(2);
    expect(runs).toBe(2);
  });

  test('goes on when the API is restarted under it', async () => {
    await makeWorker({ handlers: [hold.handler((n) => n + 1)] }).start();
    const client = makeClient();
    expect(await (await client.submit(hold, 1)).wait()).toBe(2);
    await api.restart();
    expect(await (await client.submit(hold, 2)).wait({ timeoutSeconds: 20 })).toBe(3);
  });
});
