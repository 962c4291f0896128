import { setTimeout as pause } from 'node:timers/promises';
import { bars, withBars } from '../bars.ts';
import { type Measure, measureOfRuns } from '../measure.ts';
import type { Subject } from '../subject.ts';
import { type ProcessUsage, startMeter, type Usage } from '../usage.ts';
import { type Bench, takeTurns, withSubjects } from './bench.ts';
import { feedBatchSize, feedToTheFull, watchRate } from './feed.ts';

interface LifeRun extends Usage {
  jobs: number;
  perSecond: number;
  hasServers: boolean;
}

const lifeTitle = 'whole life';

/**
 * Jobs a second through their whole life: submitted in batches of 100 and worked off by one worker process at the same time,
 * as fast as both go together; and what a job costs meanwhile.
 */
export const measureLife = (bench: Bench): Promise<Measure[]> =>
  withSubjects(bench, bench.subjectNames, async (subjects) => {
    bench.progress(lifeTitle);
    const runs = await takeTurns(bench, { measure: lifeTitle, subjects }, (subject) =>
      liveOnce(bench, subject),
    );
    return describeLife(runs);
  });

/** Raw SQL claims as many at once as it is told to work on, and it is the limit at batch 100. */
const concurrencyOf = ({ name }: Subject): number => (name === 'raw sql' ? feedBatchSize : 1_000);

/** Leaves nothing behind that a vacuum would clear away during the next subject's turn. */
const liveOnce = async (bench: Bench, subject: Subject): Promise<LifeRun> => {
  const worker = await subject.startWorker({ concurrency: concurrencyOf(subject) });
  const feed = feedToTheFull(subject, worker);
  try {
    await pause(bench.tier.life.warmUpSeconds * 1_000);
    const meter = await startMeter({
      databaseUrl: bench.databaseUrl,
      postgresPid: bench.postgresPid,
      serverPids: subject.serverPids,
      workerPids: [worker.pid],
    });
    const rate = await watchRate(worker, feed, bench.tier.life.seconds);
    return { ...rate, ...(await meter.stop()), hasServers: subject.serverPids.length > 0 };
  } finally {
    await feed.stop();
    await worker.end();
    await subject.clear();
  }
};

const describeLife = (runs: Record<string, LifeRun[]>): Measure[] => [
  withBars(
    measureLifeOf(runs, lifeTitle, 'jobs/s', (run) => run.perSecond),
    bars.wholeLife,
  ),
  withBars(
    measureLifeOf(ofPostgres(runs), 'WAL per job', 'bytes', (run) => run.walBytes / run.jobs),
    bars.walPerJob,
  ),
  measureLifeOf(ofPostgres(runs), 'transactions per job', '', (run) => run.transactions / run.jobs),
  measureLifeOf(ofPostgres(runs), 'PostgreSQL CPU per job', 'µs', (run) => microsecondsOf(run.postgres, run)),
  measureLifeOf(ofServers(runs), 'server CPU per job', 'µs', (run) => microsecondsOf(run.servers, run)),
  measureLifeOf(runs, 'worker CPU per job', 'µs', (run) => microsecondsOf(run.workers, run)),
  measureLifeOf(ofPostgres(runs), 'memory of PostgreSQL', 'MiB', (run) => run.postgres.memoryPeakMib),
  measureLifeOf(ofServers(runs), 'memory of the server', 'MiB', (run) => run.servers.memoryPeakMib),
  measureLifeOf(runs, 'memory of the worker', 'MiB', (run) => run.workers.memoryPeakMib),
];

const measureLifeOf = (
  runs: Record<string, LifeRun[]>,
  name: string,
  unit: string,
  figureOf: (run: LifeRun) => number,
): Measure => {
  const figures = Object.entries(runs).map(([subject, all]) => [subject, all.map(figureOf)] as const);
  return { ...measureOfRuns(name, unit, Object.fromEntries(figures)), takenFrom: lifeTitle };
};

/** Of those that keep their jobs in PostgreSQL. */
const ofPostgres = (runs: Record<string, LifeRun[]>): Record<string, LifeRun[]> =>
  Object.fromEntries(Object.entries(runs).filter(([subject]) => !subject.startsWith('bullmq redis')));

/** Of those with processes between callers and database: our API, Redis. */
const ofServers = (runs: Record<string, LifeRun[]>): Record<string, LifeRun[]> =>
  Object.fromEntries(Object.entries(runs).filter(([, all]) => all[0]?.hasServers));

const microsecondsOf = ({ cpuSeconds }: ProcessUsage, { jobs }: LifeRun): number => (cpuSeconds * 1e6) / jobs;
