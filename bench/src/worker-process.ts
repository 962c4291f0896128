import { createWorker } from '@longshore/sdk';
import { noop, stamp } from './jobs.ts';

/**
 * A worker process of the benchmark, configured by the environment. Says when the handler of a stamp began, once that job is
 * completed, and `done` once it has completed JOBS jobs.
 */
const jobs = Number(process.env.JOBS);
let stampedAtMs = 0;
const worker = createWorker({
  url: process.env.LONGSHORE_URL!,
  apiKey: process.env.LONGSHORE_API_KEY!,
  concurrency: Number(process.env.CONCURRENCY),
  handlers: [
    noop.handler(() => ({ ok: true })),
    stamp.handler(() => {
      stampedAtMs = performance.timeOrigin + performance.now();
    }),
  ],
});
worker.on('error', ({ during, error }) => console.error(`worker: ${during}: ${String(error)}`));
let completed = 0;
worker.on('jobCompleted', ({ job }) => {
  if (job.kind === stamp.kind) console.log(`stamped ${stampedAtMs}`);
  completed += 1;
  if (completed === jobs) console.log('done');
});
console.log('ready');
await worker.start();

process.once('SIGTERM', async () => {
  await worker.stop({ timeoutSeconds: 5 });
  process.exit(0);
});
