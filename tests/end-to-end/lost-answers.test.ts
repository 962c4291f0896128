import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { eventually, gate, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type LossyProxy, startLossyProxy } from './lossy-proxy.ts';

const api = useApi();
const double = defineJob({ kind: 'double', payload: z.number(), result: z.number() });
let proxy: LossyProxy;

afterEach(() => proxy.close());

test('B-58: with every third answer of each procedure lost, submits, heartbeats and finishes stay exact', {
  timeout: 120_000,
}, async () => {
  const answered: Record<string, number> = {};
  let dropped = 0;
  proxy = await startLossyProxy(api.url, ({ procedure }) => {
    answered[procedure] = (answered[procedure] ?? 0) + 1;
    // A claim whose answer is lost costs its grace; that is another test's subject.
    if (procedure === 'worker.claim') return 'deliver';
    if (answered[procedure] % 3 !== 0) return 'deliver';
    dropped += 1;
    return 'drop';
  });
  const runs = new Map<string, number>();
  const worker = createWorker({
    url: proxy.url,
    apiKey: api.keys.worker,
    leaseSeconds: 8,
    concurrency: 4,
    handlers: [
      double.handler(async (n, { job }) => {
        runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
        // The first job outlives its lease by the heartbeats alone.
        if (n === 0) await eventually(() => (answered['worker.heartbeat'] ?? 0) >= 5, { timeoutMs: 60_000 });
        return 2 * n;
      }),
    ],
  });
  await worker.start();
  const client = createClient({ url: proxy.url, apiKey: api.keys.submit });
  const handles = [];
  for (let n = 0; n < 25; n++) handles.push(await client.submit(double, n, { batchId: 'lossy' }));

  const honest = createClient({ url: api.url, apiKey: api.keys.submit });
  const results = await Promise.all(handles.map(({ id }) => honest.wait(double, id, { timeoutSeconds: 90 })));
  await worker.stop();

  expect(results).toEqual(handles.map((_, n) => 2 * n));
  expect(new Set(handles.map(({ id }) => id)).size).toBe(25);
  expect(await honest.batchStatus('lossy')).toMatchObject({ total: 25, byState: { completed: 25 } });
  expect([...runs.values()]).toEqual(Array(25).fill(1));
  for (const { id } of handles)
    expect(await honest.get(id)).toMatchObject({ attempt: 1, rescues: 0, attempts: [] });
  expect(dropped).toBeGreaterThan(5);
});

test('a cancel by filter whose answer is lost is not sent again, for it would count what the first left over', async () => {
  let sent = 0;
  proxy = await startLossyProxy(api.url, ({ procedure }) => {
    if (procedure !== 'jobs.cancelWhere') return 'deliver';
    sent += 1;
    return 'drop';
  });
  const client = createClient({ url: proxy.url, apiKey: api.keys.submit });
  await expect(client.cancelWhere({ batchId: 'lost' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(client.cancelBatch('lost')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(sent).toBe(2);
});

test('B-56: a claim that is answered after the worker was told to stop is given back, not run', async () => {
  const [inHand, letGo] = [gate(), gate()];
  proxy = await startLossyProxy(api.url, async ({ procedure, body }): Promise<'deliver'> => {
    if (procedure === 'worker.claim' && body.includes('leaseToken')) {
      inHand.open();
      await letGo.opened;
    }
    return 'deliver';
  });
  let runs = 0;
  const worker = createWorker({
    url: proxy.url,
    apiKey: api.keys.worker,
    handlers: [
      double.handler(() => {
        runs += 1;
        return 0;
      }),
    ],
  });
  await worker.start();
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const { id } = await client.submit(double, 1);
  await inHand.opened;
  expect(await client.get(id)).toMatchObject({ state: 'running' });

  const stopped = worker.stop();
  letGo.open();
  await stopped;
  expect(runs).toBe(0);
  expect(await client.get(id)).toMatchObject({ state: 'available', attempt: 0, rescues: 0 });
  await client.cancel(id);
});

test('an atomic batch whose answer is lost is stored once', async () => {
  let losses = 2;
  proxy = await startLossyProxy(api.url, ({ procedure }) =>
    procedure === 'jobs.submitMany' && losses-- > 0 ? 'drop' : 'deliver',
  );
  const client = createClient({ url: proxy.url, apiKey: api.keys.submit });
  const idle = defineJob({ kind: 'idle', payload: z.number() });
  const requests = [1, 2, 3].map((n) => idle.request(n, { batchId: 'once' }));
  const handles = await client.submitMany(requests);
  expect(losses).toBeLessThan(0);
  expect(await client.batchStatus('once')).toMatchObject({ total: 3 });
  for (const { id, state } of handles) expect(await client.get(id)).toMatchObject({ id, state });
});
