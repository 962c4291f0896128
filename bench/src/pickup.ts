import { once } from 'node:events';
import { createClient } from '@longshore/sdk';
import { endProcess } from '@longshore/test-kit/processes';
import { stamp } from './jobs.ts';
import { type Measure, measureOf, quantile } from './measure.ts';
import type { Stack } from './stack.ts';

/**
 * Pickup latency at idle: from the call of submit to the first line of the handler, in another process, over HTTP.
 * Both processes read the same machine's monotonic clock, so the difference needs no correction.
 */
export const measurePickup = async (stack: Stack, rounds: number): Promise<Measure[]> => {
  const client = createClient({ url: stack.apiUrl, apiKey: stack.submitKey });
  const worker = await stack.startWorker({ concurrency: 10 });
  const latenciesMs: number[] = [];
  for (let round = -20; round < rounds; round++) {
    const submittedAtMs = performance.timeOrigin + performance.now();
    const [[startedAtMs]] = await Promise.all([once(worker.stamps, 'stamp'), client.submit(stamp, {})]);
    if (round >= 0) latenciesMs.push(startedAtMs - submittedAtMs);
  }
  await client.close();
  await endProcess(worker.process);
  return [
    measureOf('pickup at idle, p50', 'ms', quantile(latenciesMs, 0.5)),
    measureOf('pickup at idle, p99', 'ms', quantile(latenciesMs, 0.99)),
  ];
};
