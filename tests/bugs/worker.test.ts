import { createClient, createWorker, defineJob, type Worker, type WorkerOptions } from '@longshore/sdk';
import { eventually, gate, startTcpProxy, targetAt, useApi } from '@longshore/test-kit';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startLossyProxy } from '../end-to-end/lossy-proxy.ts';

const api = useApi();
const hold = defineJob({ kind: 'hold', payload: z.number(), result: z.number() });
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const makeWorker = (options: Partial<WorkerOptions> & Pick<WorkerOptions, 'handlers'>): Worker => {
  const worker = createWorker({ url: api.url, apiKey: api.keys.worker, ...options });
  ends.push(() => worker.forceStop());
  return worker;
};
const makeClient = () => createClient({ url: api.url, apiKey: api.keys.submit });

test('B-11: heartbeats go on while a worker drains, so a job that outlives its lease there is not taken back', {
  timeout: 120_000,
}, async () => {
  let beats = 0;
  const middle = await startLossyProxy(api.url, ({ procedure }) => {
    if (procedure === 'worker.heartbeat') beats += 1;
    return 'deliver';
  });
  ends.push(middle.close);
  const started = gate();
  let beatsAtStop = 0;
  const leaseSeconds = 9;
  const worker = makeWorker({
    url: middle.url,
    leaseSeconds,
    handlers: [
      hold.handler(async (n) => {
        started.open();
        // Three heartbeats a lease.
        await eventually(() => beatsAtStop > 0 && beats >= beatsAtStop + 4, { timeoutMs: 90_000 });
        return n;
      }),
    ],
  });
  await worker.start();
  const handle = await makeClient().submit(hold, 1);
  await started.opened;
  await eventually(() => beats > 0, { timeoutMs: 30_000 });
  beatsAtStop = beats;
  await worker.stop({ timeoutSeconds: 90 });

  expect(await handle.wait({ timeoutSeconds: 20 })).toBe(1);
  expect(await makeClient().get(handle.id)).toMatchObject({ attempt: 1, rescues: 0, attempts: [] });
});

test('B-18: a worker whose server could not be reached for longer than its lease claims again once it can', {
  timeout: 120_000,
}, async () => {
  const network = await startTcpProxy({ pickTarget: () => targetAt(api.url) });
  ends.push(network.close);
  const worker = makeWorker({
    url: network.through(api.url).replace(/\/$/, ''),
    leaseSeconds: 3,
    handlers: [hold.handler((n) => n)],
  });
  const lost = gate();
  let sessions = 0;
  worker.on('sessionOpened', () => {
    sessions += 1;
  });
  worker.on('sessionLost', () => lost.open());
  await worker.start();
  expect(await (await makeClient().submit(hold, 1)).wait({ timeoutSeconds: 30 })).toBe(1);

  const lift = network.impose({ stalls: 'both' });
  await lost.opened;
  const handle = await makeClient().submit(hold, 2);
  lift();

  expect(await handle.wait({ timeoutSeconds: 60 })).toBe(2);
  expect(sessions).toBeGreaterThanOrEqual(2);
});

describe('B-48: what is longer than a timer can wait does not happen at once', () => {
  /** Some turns of the event loop, and the milliseconds in which a timer that overflowed would have fired. */
  const aMoment = (): Promise<unknown> => fetch(`${api.url}/health/ready`).then((answer) => answer.text());

  test('the timeout of a job', async () => {
    const worker = makeWorker({
      handlers: [
        hold.handler(async (n, { signal }) => {
          await aMoment();
          return signal.aborted ? -1 : n;
        }),
      ],
    });
    await worker.start();
    const handle = await makeClient().submit(hold, 3, { timeoutSeconds: 30 * 86_400 });
    expect(await handle.wait({ timeoutSeconds: 30 * 86_400 })).toBe(3);
  });

  test.each([30 * 86_400, Number.POSITIVE_INFINITY])(
    'a drain of at most %d seconds',
    async (timeoutSeconds) => {
      const [started, letGo] = [gate(), gate()];
      const worker = makeWorker({
        handlers: [
          hold.handler(async (n, { signal }) => {
            started.open();
            await letGo.opened;
            return signal.aborted ? -1 : n;
          }),
        ],
      });
      await worker.start();
      const handle = await makeClient().submit(hold, 4);
      await started.opened;
      const stopped = worker.stop({ timeoutSeconds });
      await aMoment();
      letGo.open();
      await stopped;
      expect(await handle.wait({ timeoutSeconds: 20 })).toBe(4);
    },
  );
});
