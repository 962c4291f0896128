import { createWorker, defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** A worker process whose handler stops the event loop for as many milliseconds as its job says. */
const block = defineJob({ kind: 'block', payload: z.number(), result: z.string() });

const worker = createWorker({
  url: process.env.API_URL ?? '',
  apiKey: process.env.API_KEY ?? '',
  leaseSeconds: 10,
  handlers: [
    block.handler((ms) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return 'still mine';
    }),
  ],
});
process.once('SIGTERM', () => void worker.stop());
await worker.start();
