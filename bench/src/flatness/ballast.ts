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

const warmUpJobs = 50_000;
const concurrency = 1_000;

/**
 * The same drain without and with a ballast, by one worker session each, on databases of one server. They take turns, as the
 * machine may change its speed within minutes.
 */
export const measureBallast = (bench: Bench, ballast: Ballast): Promise<Measure[]> =>
  onReadyStage(bench, 'bare', (bare, bareCrew) =>
    onReadyStage(bench, 'laden', async (laden, ladenCrew) => {
      const { jobs } = ballast;
      const name = `drain ${ballast.name}`;
      bench.progress(`${name}: filling`);
      await ballast.add(laden);
      // Or the drains would write the pages that the filling left dirty.
      await laden.checkpoint();
      await drainOnce(bare, bareCrew, Math.min(warmUpJobs, 5 * jobs));
      await drainOnce(laden, ladenCrew, Math.min(warmUpJobs, 5 * jobs));
      const runs: { laden: number; bare: number }[] = [];
      for (let round = 0; round < ballast.rounds; round++) {
        const run = await bench.attempt({ measure: name, subject: 'longshore' }, async () => ({
          laden: await drainOnce(laden, ladenCrew, jobs),
          bare: await drainOnce(bare, bareCrew, jobs),
        }));
        if (run === null) break;
        runs.push(run);
      }
      const rates = {
        longshore: runs.map((run) => run.laden),
        [ballast.without]: runs.map((run) => run.bare),
      };
      return [flatMeasure(name, rates)];
    }),
  );

const onReadyStage = (
  bench: Bench,
  name: string,
  work: (stage: Stage, crew: Crew) => Promise<Measure[]>,
): Promise<Measure[]> =>
  withStage(
    bench.databaseUrl,
    async (stage) => {
      await stage.pause();
      const crew = await startCrew(stage, { sessions: 1, concurrency });
      return work(stage, crew).finally(() => crew.end());
    },
    name,
  );

/** Our large case beside our small one, the second of the two. */
export const flatMeasure = (name: string, runs: Record<string, number[]>): Measure => {
  const [, small] = Object.keys(runs);
  return withBars(measureOfRuns(name, 'jobs/s', runs), [{ against: small!, atLeast: 0.9 }]);
};

/** Puts so many jobs in line and drains as many from its head. */
export const drainOnce = async (stage: Stage, crew: Crew, jobs: number): Promise<number> => {
  await stage.fill({ kind: 'noop' }, jobs);
  await stage.settle();
  return crew.drain(jobs);
};
