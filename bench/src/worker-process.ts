import { createWorker } from '@longshore/sdk';
import { noop, stamp } from './jobs.ts';
import { createTally, nowMs, readWorkerSettings, tellReady, tellStamp } from './worker-lines.ts';

/** A worker process of Longshore. It tells a stamp once that job is completed, so that telling costs the handler nothing. */
const { concurrency, jobs } = readWorkerSettings();
const tally = createTally(jobs);
let stampedAtMs = 0;

const worker = createWorker({
  url: process.env.LONGSHORE_URL!,
  apiKey: process.env.LONGSHORE_API_KEY!,
  concurrency,
  handlers: [
    noop.handler(() => ({ ok: true })),
    stamp.handler(() => {
      stampedAtMs = nowMs();
    }),
  ],
});
worker.on('error', ({ during, error }) => console.error(`worker: ${during}: ${String(error)}`));
worker.on('jobCompleted', ({ job }) => {
  if (job.kind === stamp.kind) tellStamp(stampedAtMs);
  tally.add(1);
});
await worker.start();
tellReady(() => worker.stop({ timeoutSeconds: 5 }));
