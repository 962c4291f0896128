import { Logger, run } from 'graphile-worker';

/** A worker process of graphile-worker; see worker-process.ts for what it writes. */
const jobs = Number(process.env.JOBS);
const concurrency = Number(process.env.CONCURRENCY);
let completed = 0;

const runner = await run({
  connectionString: process.env.DATABASE_URL!,
  noHandleSignals: true,
  // As it comes a worker is a connection's worth of work; ten is what its own performance test takes.
  concurrency: process.env.IS_BATCHED ? concurrency : 10,
  maxPoolSize: 12,
  logger: new Logger(() => () => {}),
  taskList: {
    noop: () => {},
    stamp: () => console.log(`stamped ${performance.timeOrigin + performance.now()}`),
  },
  ...(process.env.IS_BATCHED && {
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  }),
});
runner.events.on('job:complete', () => {
  completed += 1;
  if (completed === jobs) console.log('done');
});
console.log('ready');

process.once('SIGTERM', async () => {
  await runner.stop();
  process.exit(0);
});
