import { createWorker } from '@longshore/sdk';
import { noop } from '../jobs.ts';

/**
 * A process of so many worker sessions, configured by the environment. Writes `ready` once all are open, and
 * `<instant> <completed jobs>` every five milliseconds while that changes.
 */
let completed = 0;
let written = 0;
const faults = new Set<string>();

/** Each fault once: a thousand jobs may have the same. */
const tellFault = (text: string): void => {
  if (!faults.has(text)) console.error(text);
  faults.add(text);
};

const workers = Array.from({ length: Number(process.env.SESSIONS) }, () => {
  const worker = createWorker({
    url: process.env.LONGSHORE_URL!,
    apiKey: process.env.LONGSHORE_API_KEY!,
    concurrency: Number(process.env.CONCURRENCY),
    handlers: [noop.handler(() => ({ ok: true }))],
  });
  worker.on('error', ({ during, error }) => tellFault(`worker: ${during}: ${String(error)}`));
  worker.on('jobCompleted', () => {
    completed += 1;
  });
  return worker;
});
await Promise.all(workers.map((worker) => worker.start()));
console.log('ready');

setInterval(() => {
  if (completed === written) return;
  written = completed;
  console.log(`${performance.timeOrigin + performance.now()} ${completed}`);
}, 5);

process.once('SIGTERM', async () => {
  await Promise.all(workers.map((worker) => worker.stop({ timeoutSeconds: 5 })));
  process.exit(0);
});
