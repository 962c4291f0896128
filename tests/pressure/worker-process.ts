import { createWorker, defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** A worker process whose jobs do nothing; it tells every tenth of a second how many it has completed. */
const work = defineJob({ kind: 'work', payload: z.unknown() });
let completed = 0;

const worker = createWorker({
  url: process.env.API_URL!,
  apiKey: process.env.API_KEY!,
  concurrency: 200,
  handlers: [work.handler(() => null)],
});
worker.on('jobCompleted', () => {
  completed += 1;
});
process.once('SIGTERM', async () => {
  await worker.stop({ timeoutSeconds: 5 });
  process.exit(0);
});
await worker.start();
console.log('ready');
setInterval(() => console.log(`completed ${completed}`), 100);
