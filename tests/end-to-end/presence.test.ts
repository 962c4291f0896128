import { type PresentWorker, readConfig, startApi } from '@longshore/api';
import {
  createAdminClient,
  createClient,
  createWorker,
  defineJob,
  model,
  type WorkersEvent,
} from '@longshore/sdk';
import { eventually, useApi } from '@longshore/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });
const client = () => createClient({ url: api.url, apiKey: api.keys.submit });

interface Told {
  worker: PresentWorker;
  pending?: ReadonlySet<string>;
  reason?: string | null;
}

let kinds = 0;
/** A worker of its own kind whose handlers wait until the test lets them go. */
const startWorker = async (options: object = {}) => {
  const job = defineJob({ kind: `presence-${kinds++}`, payload: z.number() });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    handlers: [job.handler(() => released)],
    concurrency: 2,
    prefetch: 0,
    ...options,
  });
  const opened = Promise.withResolvers<string>();
  worker.on('sessionOpened', ({ sessionId }) => opened.resolve(sessionId));
  await worker.start();
  onTestFinished(async () => {
    release();
    await worker.stop();
  });
  return { job, worker, release, sessionId: await opened.promise };
};

test('a program with the API in it is told of each worker process once, of whichever API process it is', async () => {
  const elsewhere = await api.startSecondApi();
  const early = await startWorker();
  const connected: Told[] = [];
  const gone: Told[] = [];
  elsewhere.presence.onWorkerConnected(() => {
    throw new Error('a listener that breaks hinders nobody');
  });
  const ignore = elsewhere.presence.onWorkerConnected((worker) => connected.push({ worker }));
  elsewhere.presence.onWorkerDisconnected((worker, pending, reason) =>
    gone.push({ worker, pending, reason }),
  );
  const late = await startWorker({ capabilities: ['gpu'] });
  const of = (told: Told[], sessionId: string) => told.filter(({ worker }) => worker.sessionId === sessionId);

  await eventually(() => of(connected, late.sessionId).length > 0);
  expect(of(connected, early.sessionId)).toHaveLength(1);
  expect(of(connected, late.sessionId)).toMatchObject([
    { worker: { org: api.org, workerName: 'test worker', capabilities: ['gpu'], pid: process.pid } },
  ]);

  const { id } = await client().submit(late.job, 1);
  await eventually(async () => (await client().get(id)).state === 'running');
  await late.worker.forceStop();
  await eventually(() => of(gone, late.sessionId).length > 0);
  expect(of(gone, late.sessionId)).toMatchObject([{ reason: 'closed', worker: { kinds: [late.job.kind] } }]);

  ignore();
  const unheard = await startWorker();
  await unheard.worker.stop();
  await eventually(() => of(gone, unheard.sessionId).length > 0);
  expect(of(connected, unheard.sessionId)).toEqual([]);
  expect(of(connected, early.sessionId)).toHaveLength(1);
});

test('who starts the API inside his program can give it the callbacks', async () => {
  const told: string[] = [];
  const running = await startApi(
    readConfig({
      DATABASE_URL: api.database.apiUrl,
      LONGSHORE_LISTEN_DATABASE_URL: 'off',
      LONGSHORE_PORT: '0',
      LONGSHORE_LOG_LEVEL: 'silent',
    }),
    {
      onWorkerConnected: ({ sessionId }) => told.push(`+${sessionId}`),
      onWorkerDisconnected: ({ sessionId }, pending) => told.push(`-${sessionId} ${pending.size}`),
    },
  );
  onTestFinished(() => running.close());
  const { sessionId, worker } = await startWorker({ url: running.url });
  await eventually(() => told.includes(`+${sessionId}`));
  await worker.stop();
  await eventually(() => told.includes(`-${sessionId} 0`));
});

test('the jobs that a process held when it fell silent are told with its end', async () => {
  const { sessionId, job } = await startWorker({ leaseSeconds: 60 });
  const { promise: end, resolve } = Promise.withResolvers<Told>();
  const running = await api.startSecondApi();
  running.presence.onWorkerDisconnected((worker, pending) => {
    (pending as Set<string>).clear();
    (worker.kinds as string[]).length = 0;
  });
  running.presence.onWorkerDisconnected((worker, pending, reason) => {
    if (worker.sessionId === sessionId) resolve({ worker, pending, reason });
  });
  const { promise: known, resolve: seen } = Promise.withResolvers<void>();
  running.presence.onWorkerConnected((worker) => {
    if (worker.sessionId === sessionId) seen();
  });
  await known;
  const jobs = [await client().submit(job, 1), await client().submit(job, 2)];
  await eventually(async () => (await admin().workers.list()).some((worker) => worker.runningJobs >= 2));
  await api.database.query(
    "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 hour' where id = $1",
    [sessionId],
  );
  const { worker, pending, reason } = await end;
  expect({ reason, kinds: worker.kinds }).toEqual({ reason: 'dead', kinds: [job.kind] });
  expect([...pending!].sort()).toEqual(jobs.map(({ id }) => id).sort());
});

test('who watches the workers is told of everybody, then of each change', async () => {
  const ending = new AbortController();
  const events = admin().workers.watch({ signal: ending.signal });
  const first = (await events.next()).value as WorkersEvent;
  expect(first.type).toBe('all');
  const { sessionId, job, release, worker } = await startWorker({ concurrency: 1 });
  const states: string[] = [];
  const follow = (async () => {
    for await (const event of events) {
      const mine = event.sessions.find((session) => session.sessionId === sessionId);
      if (mine) states.push(`${mine.state} ${mine.runningJobIds.length}`);
      if (event.type === 'changes' && event.goneIds.includes(sessionId)) return;
    }
  })();
  await eventually(() => states.includes('available 0'));
  const handle = await client().submit(job, 1);
  await eventually(() => states.includes('busy 1'));
  release();
  await handle.wait();
  await worker.stop();
  await follow;
  ending.abort();
});

test('a model that a worker serves is a capability that jobs can require, shown with its description', async () => {
  const sonnet = {
    modelId: 'sonnet-3.5',
    displayName: 'Sonnet',
    maxContextTokens: 200_000,
    maxOutputTokens: 8_192,
    supportsStreaming: true,
    supportsVision: true,
  };
  const { sessionId, job, release } = await startWorker({
    capabilities: ['linux', model(sonnet)],
    concurrencyLimits: { inference: 1 },
    version: '4.5.6',
  });
  release();
  const handle = await client().submit(job, 1, {
    requiredCapabilities: ['model:sonnet-3.5'],
    category: 'inference',
  });
  await handle.wait();
  const picked = await eventually(() =>
    admin().workers.pick({ capability: 'model:sonnet-3.5', kind: job.kind, category: 'inference' }),
  );
  expect(picked).toMatchObject({
    sessionId,
    capabilities: ['linux', 'model:sonnet-3.5'],
    attributes: { 'model:sonnet-3.5': sonnet },
    categoryLimits: { inference: 1 },
    version: '4.5.6',
    sdkVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  expect(await admin().workers.pick({ capability: 'model:other' })).toBeNull();
});

test('a description of a model that is not whole is refused before the worker starts', () => {
  expect(() => model({ modelId: 'x', displayName: 'X' } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', field: 'model.maxContextTokens' }),
  );
});

test('attributes larger than 16 KiB in all are refused', async () => {
  const large = { name: 'gpu', attributes: { text: 'x'.repeat(16_384) } };
  const worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    handlers: [defineJob({ kind: 'large', payload: z.number() }).handler(() => null)],
    capabilities: [large],
  });
  await expect(worker.start()).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'capabilities' });
  await worker.stop();
});

test('a worker with limits by category runs no more of one at a time, and goes on when one ends', async () => {
  const job = defineJob({ kind: 'limited', payload: z.number() });
  let running = 0;
  let most = 0;
  const worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    handlers: [
      job.handler(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return null;
      }),
    ],
    concurrency: 10,
    concurrencyLimits: { inference: 2 },
  });
  const handles = await client().submitMany(
    Array.from({ length: 12 }, (_, n) => job.request(n, { category: 'inference' })),
  );
  await worker.start();
  onTestFinished(() => worker.stop());
  await Promise.all(handles.map((handle) => handle.wait()));
  expect(most).toBeLessThanOrEqual(2);
});
