import { PgBoss } from 'pg-boss';

/** A worker process of pg-boss; see worker-process.ts for what it writes. */
const jobs = Number(process.env.JOBS);
let completed = 0;

const boss = new PgBoss({
  connectionString: process.env.DATABASE_URL!,
  supervise: false,
  schedule: false,
  useListenNotify: true,
});
boss.on('error', (error) => console.error(`pg-boss: ${String(error)}`));
await boss.start();
const polling = { pollingIntervalSeconds: 0.5 };
await boss.work('stamp', polling, async () => {
  console.log(`stamped ${performance.timeOrigin + performance.now()}`);
});
const batches = { ...polling, batchSize: 1_000, burstWhenBatchFull: true, localConcurrency: 2 };
await boss.work('noop', batches, async (batch) => {
  completed += batch.length;
  if (completed >= jobs && jobs > 0) console.log('done');
});
console.log('ready');

process.once('SIGTERM', async () => {
  await boss.stop({ graceful: false });
  process.exit(0);
});
