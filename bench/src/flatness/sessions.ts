import type { Measure } from '../measure.ts';
import type { Bench } from '../measures/bench.ts';
import { readProcesses, readText, treeOf } from '../processes.ts';
import { sumMemoryMib } from '../usage.ts';
import { drainOnce, flatMeasure } from './ballast.ts';
import { startCrew } from './crew.ts';
import { type Stage, withStage } from './stage.ts';

interface CrewFigures {
  rate: number;
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
    const { counts } = bench.tier.flatness.sessions;
    await stage.pause();
    const figures = new Map(counts.map((sessions): [number, CrewFigures[]] => [sessions, []]));
    for (let round = 0; round < bench.tier.runs; round++) {
      for (const sessions of counts.filter((count) => figures.has(count))) {
        const figure = { measure: `drain by ${nameOf(sessions)}`, subject: 'longshore' };
        bench.progress(figure.measure);
        const answer = await bench.attempt(figure, () => drainBy(bench, stage, sessions));
        if (answer === null) figures.delete(sessions);
        else figures.get(sessions)!.push(answer);
      }
    }
    return measuresOf(counts, figures);
  });

const measuresOf = ([few, ...more]: number[], figures: Map<number, CrewFigures[]>): Measure[] => {
  const ratesOf = (sessions: number): number[] => (figures.get(sessions) ?? []).map(({ rate }) => rate);
  return more.map((sessions) => {
    const runs = { longshore: ratesOf(sessions), [nameOf(few!)]: ratesOf(few!) };
    const detail = { [nameOf(sessions)]: figures.get(sessions), [nameOf(few!)]: figures.get(few!) };
    return { ...flatMeasure(`drain by ${nameOf(sessions)}`, runs), detail };
  });
};

/** A crew of its own for each figure, which drains once before it counts. */
const drainBy = async (bench: Bench, stage: Stage, sessions: number): Promise<CrewFigures> => {
  const { jobs } = bench.tier.flatness;
  const crew = await startCrew(stage, { sessions, concurrency: bench.tier.flatness.sessions.concurrency });
  try {
    await drainOnce(stage, crew, jobs / 4);
    const rate = await drainOnce(stage, crew, jobs);
    const memory = { workerMib: memoryMibOf(crew.pids), apiMib: memoryMibOf([stage.apiPid]) };
    return { rate, processes: crew.pids.length, ...memory };
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
