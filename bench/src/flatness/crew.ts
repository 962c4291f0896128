import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcess, spawnReady } from '@longshore/test-kit/processes';
import { pidOf } from '../subject.ts';
import { type Progress, rateBetween } from './progress.ts';
import type { Stage } from './stage.ts';

export interface CrewOptions {
  /** Worker sessions, dealt to at most eight processes. */
  sessions: number;
  /** Jobs that each session runs at the same time. */
  concurrency: number;
}

/** Worker sessions that stay between drains, so that no drain pays for starting them. */
export interface Crew {
  pids: number[];
  /**
   * Resumes the queue until at least so many jobs are completed, pauses it again, and answers the jobs a second of the
   * middle eight tenths: the first claim, which waits to be woken, and the last completion stay out.
   */
  drain(jobs: number): Promise<number>;
  end(): Promise<void>;
}

const processesMax = 8;
const stuckMs = 60_000;
const quietMs = 300;
const processFile = fileURLToPath(new URL('./session-process.ts', import.meta.url));

/** Starts worker sessions; the stage's queue must be paused. */
export const startCrew = async (stage: Stage, { sessions, concurrency }: CrewOptions): Promise<Crew> => {
  const reports: Progress[] = [];
  const completedBy = new Map<number, number>();
  const total = (): number => reports.at(-1)?.completed ?? 0;
  const report = (pid: number, line: string): void => {
    const [atMs, completed] = line.split(' ').map(Number);
    completedBy.set(pid, completed!);
    const sum = [...completedBy.values()].reduce((left, right) => left + right, 0);
    reports.push({ atMs: Math.max(atMs!, reports.at(-1)?.atMs ?? 0), completed: sum });
  };
  const children = await Promise.all(
    deal(sessions).map(async (share) => {
      const { child, lines } = await spawnReady(processFile, /(ready)/, {
        LONGSHORE_URL: stage.apiUrl,
        LONGSHORE_API_KEY: stage.workerKey,
        SESSIONS: String(share),
        CONCURRENCY: String(concurrency),
      });
      lines.on('line', (line) => report(pidOf(child), line));
      return child;
    }),
  );

  return {
    pids: children.map(pidOf),
    drain: async (jobs) => {
      const before = total();
      reports.splice(0, reports.length - 1);
      const first = reports.length;
      await stage.resume();
      await untilCompleted(total, before + jobs);
      await stage.pause();
      await untilQuiet(total);
      return rateBetween(reports.slice(first), before + 0.1 * jobs, before + 0.9 * jobs);
    },
    end: async () => void (await Promise.all(children.map(endProcess))),
  };
};

/** Shares that differ by at most one. */
const deal = (sessions: number): number[] => {
  const processes = Math.min(sessions, processesMax);
  return Array.from({ length: processes }, (_, place) => Math.floor((sessions + place) / processes));
};

const untilCompleted = async (total: () => number, jobs: number): Promise<void> => {
  let seen = total();
  let movedAtMs = performance.now();
  while (total() < jobs) {
    await delay(10);
    if (total() > seen) movedAtMs = performance.now();
    else if (performance.now() - movedAtMs > stuckMs)
      throw new Error(`stuck ${jobs - seen} jobs before the end`);
    seen = total();
  }
};

const untilQuiet = async (total: () => number): Promise<void> => {
  for (let seen = -1; seen !== total(); await delay(quietMs)) seen = total();
};
