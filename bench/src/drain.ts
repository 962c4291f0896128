import { createClient } from '@longshore/sdk';
import { endProcess } from '@longshore/test-kit/processes';
import { noop, noopPayload } from './jobs.ts';
import { type Measure, measureOf, median } from './measure.ts';
import type { Stack } from './stack.ts';

const batchSize = 1_000;

/** Drain of waiting no-op jobs, results stored, by one worker process; the median of the rounds. */
export const measureDrain = async (stack: Stack, jobs: number, rounds: number): Promise<Measure[]> => {
  const client = createClient({ url: stack.apiUrl, apiKey: stack.submitKey });
  const submitted: number[] = [];
  const drained: number[] = [];
  for (let round = 0; round < rounds; round++) {
    submitted.push(await submitAll(client, jobs));
    drained.push(await drainAll(stack, jobs));
  }
  await client.close();
  return [
    measureOf(`submitMany of ${batchSize}`, 'jobs/s', median(submitted)),
    measureOf(`drain of ${jobs.toLocaleString('en')}, 1 worker process`, 'jobs/s', median(drained)),
  ];
};

type Client = ReturnType<typeof createClient>;

const submitAll = async (client: Client, jobs: number): Promise<number> => {
  const requests = Array.from({ length: batchSize }, () => noop.request(noopPayload));
  const startedAtMs = performance.now();
  for (let sent = 0; sent < jobs; sent += batchSize) await client.submitMany(requests);
  return (jobs / (performance.now() - startedAtMs)) * 1_000;
};

const drainAll = async (stack: Stack, jobs: number): Promise<number> => {
  const worker = await stack.startWorker({ concurrency: 1_000, jobs });
  const startedAtMs = performance.now();
  await worker.done;
  const perSecond = (jobs / (performance.now() - startedAtMs)) * 1_000;
  await endProcess(worker.process);
  return perSecond;
};
