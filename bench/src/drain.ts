import type { Subject } from './subject.ts';

const batchSize = 1_000;

/** Jobs a second put in by one caller in calls of 1,000, and worked off by one worker process. */
export const measureDrain = async (
  subject: Subject,
  jobs: number,
): Promise<{ submitted: number; drained: number }> => {
  const submittingAtMs = performance.now();
  for (let sent = 0; sent < jobs; sent += batchSize) await subject.submitMany(batchSize);
  const submitted = perSecond(jobs, submittingAtMs);
  const worker = await subject.startWorker({ concurrency: 1_000, jobs });
  const drainingAtMs = performance.now();
  await worker.done;
  const drained = perSecond(jobs, drainingAtMs);
  await worker.end();
  return { submitted, drained };
};

const perSecond = (jobs: number, sinceMs: number): number => (jobs / (performance.now() - sinceMs)) * 1_000;
