import { withBars } from '../bars.ts';
import { type Measure, measureOfRuns } from '../measure.ts';
import type { Bench } from '../measures/bench.ts';
import { type Crew, startCrew } from './crew.ts';
import { type Stage, withStage } from './stage.ts';

/** What lies beside the jobs that are drained, and should cost them nothing. */
export interface Ballast {
  name: string;
  /** What the case without it is called. */
  without: string;
  jobs: number;
  rounds: number;
  add(stage: Stage): Promise<void>;
}

export interface Drain {
  /** As the report names it. */
  name: string;
  jobs: number;
  rounds: number;
}

const warmUpJobs = 50_000;
const concurrency = 1_000;

/** The same drain without and with a ballast, by the same worker session, on the same database. */
export const measureBallast = (bench: Bench, ballast: Ballast): Promise<Measure[]> =>
  withStage(bench.databaseUrl, async (stage) => {
    const name = `drain ${ballast.name}`;
    await stage.pause();
    const crew = await startCrew(stage, { sessions: 1, concurrency });
    try {
      await drainOnce(stage, crew, Math.min(warmUpJobs, 5 * ballast.jobs));
      const without = await drainRounds(bench, stage, crew, {
        ...ballast,
        name: `drain, ${ballast.without}`,
      });
      bench.progress(`${name}: filling`);
      await ballast.add(stage);
      await drainOnce(stage, crew, ballast.jobs);
      const longshore = await drainRounds(bench, stage, crew, { ...ballast, name });
      return [flatMeasure(name, { longshore, [ballast.without]: without })];
    } finally {
      await crew.end();
    }
  });

/** Our large case beside our small one, the second of the two. */
export const flatMeasure = (name: string, runs: Record<string, number[]>): Measure => {
  const [, small] = Object.keys(runs);
  return withBars(measureOfRuns(name, 'jobs/s', runs), [{ against: small!, atLeast: 0.9 }]);
};

/** Jobs a second of each round that was not refused. */
export const drainRounds = async (
  bench: Bench,
  stage: Stage,
  crew: Crew,
  { name, jobs, rounds }: Drain,
): Promise<number[]> => {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const figure = { measure: name, subject: 'longshore' };
    const rate = await bench.attempt(figure, () => drainOnce(stage, crew, jobs));
    if (rate === null) break;
    rates.push(rate);
  }
  return rates;
};

/** Puts so many jobs in line and drains as many from its head. */
export const drainOnce = async (stage: Stage, crew: Crew, jobs: number): Promise<number> => {
  await stage.fill({ kind: 'noop' }, jobs);
  await stage.settle();
  return crew.drain(jobs);
};
