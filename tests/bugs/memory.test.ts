import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi({ env: { LONGSHORE_LOG_LEVEL: 'silent' } });
const small = defineJob({ kind: 'small', payload: z.number(), result: z.number() });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are in use once nothing is under way. */
const measureHeap = (): number => {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

test('B-57: neither jobs nor queues that are done with stay in the memory of API and worker', {
  timeout: 180_000,
}, async () => {
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const worker = createWorker({ url: api.url, apiKey: api.keys.worker, handlers: [small.handler((n) => n)] });
  await worker.start();
  const jobsInRound = 1_000;
  const runRound = async (round: number): Promise<void> => {
    const requests = Array.from({ length: jobsInRound }, (_, n) =>
      small.request(n, { queue: `queue-${round}-${n % 50}`, batchId: `round-${round}` }),
    );
    const handles = await client.submitMany(requests);
    await Promise.all(handles.slice(-1).map((handle) => handle.wait({ timeoutSeconds: 60 })));
    await expect
      .poll(async () => (await client.batchStatus(`round-${round}`)).byState.completed, { timeout: 60_000 })
      .toBe(jobsInRound);
  };

  for (let round = 0; round < 3; round++) await runRound(round);
  const before = measureHeap();
  for (let round = 3; round < 8; round++) await runRound(round);
  const grown = measureHeap() - before;
  await worker.stop();

  // A job of a hundred bytes that stayed, anywhere, would keep some kilobytes; what V8 itself learns meanwhile is a few megabytes.
  expect(grown / (5 * jobsInRound)).toBeLessThan(1_500);
});
