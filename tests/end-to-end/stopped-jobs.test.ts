import { once } from 'node:events';
import { createClient, createWorker, defineJob, type Worker } from '@longshore/sdk';
import { gate, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const endless = defineJob({ kind: 'endless', payload: z.null() });
let worker: Worker;

afterEach(() => worker.forceStop());

test('the handler of a running job that is cancelled is told to stop, and the job is cancelled when it does', async () => {
  const started = gate();
  let reason: unknown;
  worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    leaseSeconds: 8,
    handlers: [
      endless.handler(async (_, { signal }) => {
        started.open();
        await once(signal, 'abort');
        reason = signal.reason;
        throw signal.reason;
      }),
    ],
  });
  await worker.start();
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const handle = await client.submit(endless, null);
  await started.opened;

  expect(await client.cancel(handle.id, { reason: 'changed my mind' })).toMatchObject({ state: 'running' });

  await expect(handle.wait({ timeoutSeconds: 20 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
  expect(reason).toMatchObject({ code: 'JOB_CANCELLED', message: 'changed my mind' });
});
