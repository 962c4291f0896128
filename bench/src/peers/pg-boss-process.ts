import { PgBoss } from 'pg-boss';
import { createTally, nowMs, readWorkerSettings, tellReady, tellStamp } from '../worker-lines.ts';

/** A worker process of pg-boss. It tells nobody when a batch is stored as completed, so a batch counts when its handler returns. */
const tally = createTally(readWorkerSettings().jobs);

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
  tellStamp(nowMs());
  tally.add(1);
});
const batches = { ...polling, batchSize: 2_000, burstWhenBatchFull: true, localConcurrency: 2 };
await boss.work('noop', batches, async (batch) => {
  tally.add(batch.length);
});
tellReady(() => boss.stop({ graceful: false }));
