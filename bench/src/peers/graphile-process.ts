import { Logger, run } from 'graphile-worker';
import { createTally, nowMs, readWorkerSettings, tellReady, tellStamp } from '../worker-lines.ts';

/** A worker process of graphile-worker, set as its own performance test sets it. */
const tally = createTally(readWorkerSettings().jobs);
const concurrentJobs = 24;

const batching = {
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const runner = await run({
  preset: {
    worker: {
      connectionString: process.env.DATABASE_URL!,
      concurrentJobs,
      maxPoolSize: concurrentJobs + 1,
      logger: new Logger(() => () => {}),
      ...(process.env.IS_BATCHED && batching),
    },
  },
  noHandleSignals: true,
  taskList: { noop: () => {}, stamp: () => tellStamp(nowMs()) },
});
runner.events.on('job:complete', () => tally.add(1));
tellReady(() => runner.stop());
