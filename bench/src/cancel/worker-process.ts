import { once } from 'node:events';
import { createWorker } from '@longshore/sdk';
import { nowMs, tellReady } from '../worker-lines.ts';
import { endless } from './endless.ts';

/** A worker process whose jobs run until they are told to stop; it writes `began <id>` and `aborted <id> <instant>`. */
const worker = createWorker({
  url: process.env.LONGSHORE_URL!,
  apiKey: process.env.LONGSHORE_API_KEY!,
  concurrency: Number(process.env.CONCURRENCY),
  handlers: [
    endless.handler(async (_, { job, signal }) => {
      console.log(`began ${job.id}`);
      await once(signal, 'abort');
      console.log(`aborted ${job.id} ${nowMs()}`);
      throw signal.reason;
    }),
  ],
});
worker.on('error', ({ during, error }) => console.error(`worker: ${during}: ${String(error)}`));
await worker.start();
tellReady(() => worker.forceStop());
