import { type Measure, median } from '../measure.ts';
import type { Bench } from '../measures/bench.ts';
import { readProcesses, readText, treeOf } from '../processes.ts';
import { sumMemoryMib } from '../usage.ts';
import { drainOnce, drainRounds, flatMeasure } from './ballast.ts';
import { startCrew } from './crew.ts';
import { type Stage, withStage } from './stage.ts';

interface CrewFigures {
  rates: number[];
  processes: number;
  workerMib: number;
  apiMib: number;
}

/**
 * The same drain by few and by many worker sessions of one size. They share at most eight processes: sixty-four of Node would
 * want more memory and cores than the queue they are to measure.
 */
export const measureSessions = (bench: Bench): Promise<Measure[]> =>
  withStage(bench.databaseUrl, async (stage) => {
    const [few, ...more] = bench.tier.flatness.sessions.counts;
    await stage.pause();
    const one = await drainBy(bench, stage, few!);
    const measures: Measure[] = [];
    for (const sessions of more) {
      const many = await drainBy(bench, stage, sessions);
      const runs = { longshore: many.rates, [nameOf(few!)]: one.rates };
      const detail = { [nameOf(sessions)]: many, [nameOf(few!)]: one };
      measures.push({ ...flatMeasure(`drain by ${nameOf(sessions)}`, runs), detail });
    }
    return measures;
  });

const drainBy = async (bench: Bench, stage: Stage, sessions: number): Promise<CrewFigures> => {
  const {
    jobs,
    rounds,
    sessions: { concurrency },
  } = bench.tier.flatness;
  const crew = await startCrew(stage, { sessions, concurrency });
  try {
    await drainOnce(stage, crew, jobs);
    const rates = await drainRounds(bench, stage, crew, {
      name: `drain by ${nameOf(sessions)}`,
      jobs,
      rounds,
    });
    bench.progress(`drain by ${nameOf(sessions)}: ${Math.round(median(rates))} jobs/s`);
    const memory = { workerMib: memoryMibOf(crew.pids), apiMib: memoryMibOf([stage.apiPid]) };
    return { rates, processes: crew.pids.length, ...memory };
  } finally {
    await crew.end();
  }
};

const nameOf = (sessions: number): string =>
  sessions === 1 ? '1 worker session' : `${sessions} worker sessions`;

const memoryMibOf = (pids: number[]): number =>
  Math.round(
    sumMemoryMib(treeOf(readProcesses(), pids).flatMap(({ pid }) => readText(`/proc/${pid}/status`) ?? [])),
  );
