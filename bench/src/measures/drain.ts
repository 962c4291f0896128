import { bars, withBars } from '../bars.ts';
import { type Measure, measureOf, measureOfRuns } from '../measure.ts';
import { type Bench, takeTurns, takeTurnsOver, withSubjects } from './bench.ts';
import { runDrain } from './run-drain.ts';

/** Jobs a second at which waiting jobs are worked off by 1, 2 and 4 worker processes, and the best of those. */
export const measureDrain = (bench: Bench): Promise<Measure[]> =>
  withSubjects(bench, bench.subjectNames, async (subjects) => {
    const { jobs, workerProcesses, secondsMax } = bench.tier.drain;
    const title = `drain of ${jobs.toLocaleString('en')}`;
    const settings = workerProcesses.map((processes) => ({
      processes,
      measure: `${title}, ${processes} worker process${processes === 1 ? '' : 'es'}`,
    }));
    bench.progress(title);
    const runs = await takeTurnsOver(bench, { measures: settings, subjects }, async (subject, setting) => {
      const { perSecond } = await runDrain(subject, { ...setting, jobs, secondsMax });
      return perSecond;
    });
    const measures = settings.map(({ measure }, place) => ({
      ...measureOfRuns(measure, 'jobs/s', runs[place]!),
      // A slow subject of the quick tier works off a part of the jobs.
      detail: { secondsMax },
    }));
    const best = { ...measureOf(`${title}, best`, 'jobs/s', bestOf(measures)), takenFrom: title };
    return [...measures, withBars(best, bars.drainBest)];
  });

/** The best of each subject all of whose settings were measured: without one of them it might be another. */
const bestOf = (measures: Measure[]): Record<string, number> => {
  const settings = measures.map(({ ours, peers }): Record<string, number> => ({ longshore: ours, ...peers }));
  const subjects = Object.keys(settings[0] ?? {});
  return Object.fromEntries(
    subjects
      .map(
        (subject) =>
          [subject, Math.max(...settings.map((figures) => figures[subject] ?? Number.NaN))] as const,
      )
      .filter(([, best]) => !Number.isNaN(best)),
  );
};

/** The speed in the first and the last tenth of one long drain by one worker process; full tier alone. */
export const measureLongDrain = async (bench: Bench): Promise<Measure[]> => {
  const long = bench.tier.longDrain;
  if (long === null) return [];
  return withSubjects(bench, long.subjects, async (subjects) => {
    const name = `drain of ${long.jobs.toLocaleString('en')}`;
    const runs = await takeTurns(bench, { measure: name, subjects }, async (subject) => {
      bench.progress(`${name}, ${subject.name}`);
      const drain = await runDrain(subject, { jobs: long.jobs, processes: 1, secondsMax: Infinity });
      return drain.perSecondByTenth;
    });
    return longMeasures(name, runs);
  });
};

/** The long drain's measures, from each subject's runs by tenths. */
const longMeasures = (name: string, runs: Record<string, number[][]>): Measure[] => {
  const tenth = (at: number) =>
    Object.fromEntries(
      Object.entries(runs).map(([subject, courses]) => [subject, courses.map((course) => course.at(at)!)]),
    );
  const shares = Object.fromEntries(
    Object.entries(runs).map(([subject, courses]) => [
      subject,
      courses.map((course) => course.at(-1)! / course[0]!),
    ]),
  );
  return [
    { ...measureOfRuns(`${name}, first tenth`, 'jobs/s', tenth(0)), detail: { perSecondByTenth: runs } },
    withBars(measureOfRuns(`${name}, last tenth`, 'jobs/s', tenth(-1)), bars.lastTenth),
    withBars(measureOfRuns(`${name}, last tenth of first`, 'x', shares), bars.lastOfFirstTenth),
  ];
};
