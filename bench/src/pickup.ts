import { once } from 'node:events';
import { quantile } from './measure.ts';
import type { Subject } from './subject.ts';

/**
 * Pickup latency at idle in milliseconds: from the call of submit to the first line of the handler, in another process.
 * Both processes read the same machine's monotonic clock, so the difference needs no correction.
 */
export const measurePickup = async (
  subject: Subject,
  rounds: number,
): Promise<{ p50: number; p99: number }> => {
  const worker = await subject.startWorker({ concurrency: 10 });
  const latenciesMs: number[] = [];
  for (let round = -20; round < rounds; round++) {
    const submittedAtMs = performance.timeOrigin + performance.now();
    const [[startedAtMs]] = await Promise.all([once(worker.stamps, 'stamp'), subject.submitStamp()]);
    if (round >= 0) latenciesMs.push(startedAtMs - submittedAtMs);
  }
  await worker.end();
  return { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) };
};
