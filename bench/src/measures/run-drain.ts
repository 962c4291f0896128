import { setTimeout as pause } from 'node:timers/promises';
import type { Subject, SubjectWorker } from '../subject.ts';

export interface DrainOptions {
  jobs: number;
  processes: number;
  /** The drain ends here at the latest. */
  secondsMax: number;
}

export interface Drain {
  perSecond: number;
  /** The same in each tenth of the jobs. */
  perSecondByTenth: number[];
}

/** Jobs completed so far, at an instant. */
export interface Progress {
  atMs: number;
  completed: number;
}

const batchSize = 1_000;
const concurrency = 1_000;
const stalledSecondsMax = 60;

/**
 * Submits the jobs, then has worker processes work them off. The clock runs from when all processes are ready until the last
 * job is completed. Clears the subject. Throws when nothing is completed for a minute.
 */
export const runDrain = async (subject: Subject, options: DrainOptions): Promise<Drain> => {
  for (let sent = 0; sent < options.jobs; sent += batchSize) await subject.submitMany(batchSize);
  const workers = await startHeld(subject, options.processes);
  try {
    const startedAtMs = nowMs();
    for (const { pid } of workers) process.kill(pid, 'SIGCONT');
    const course = await followDrain(workers, options, { atMs: startedAtMs, completed: 0 });
    return speedsOf(course, options.jobs);
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await subject.clear();
  }
};

/** Starts processes at the same time and holds each at its start, so that the first does not drain while others load. */
const startHeld = async (subject: Subject, processes: number): Promise<SubjectWorker[]> =>
  Promise.all(
    Array.from({ length: processes }, async () => {
      const worker = await subject.startWorker({ concurrency });
      if (processes > 1) process.kill(worker.pid, 'SIGSTOP');
      return worker;
    }),
  );

/** What the processes told together, whenever it changed, up to the last job or the last second. */
const followDrain = async (
  workers: SubjectWorker[],
  { jobs, secondsMax }: DrainOptions,
  start: Progress,
): Promise<Progress[]> => {
  const course = [start];
  for (let last = start; last.completed < jobs; ) {
    await pause(2);
    const completed = workers.reduce((sum, worker) => sum + worker.completed(), 0);
    if (completed > last.completed) {
      last = { atMs: Math.max(...workers.map((worker) => worker.completedAtMs())), completed };
      course.push(last);
    }
    if (nowMs() - start.atMs > secondsMax * 1_000 && course.length > 1) break;
    if (nowMs() - last.atMs > stalledSecondsMax * 1_000) {
      throw new Error(
        `stalled: nothing completed for ${stalledSecondsMax} s, ${last.completed} of ${jobs} before`,
      );
    }
  }
  return course;
};

/** The speed over a course, and in each tenth of the jobs, whose bounds are interpolated between two of its points. */
export const speedsOf = (course: Progress[], jobs: number): Drain => {
  const [first, last] = [course[0]!, course.at(-1)!];
  const bounds = Array.from({ length: 11 }, (_, tenth) => reachedAtMs(course, (jobs * tenth) / 10));
  return {
    perSecond: ((last.completed - first.completed) * 1_000) / (last.atMs - first.atMs),
    perSecondByTenth: bounds.slice(1).map((atMs, tenth) => (jobs * 100) / (atMs - bounds[tenth]!)),
  };
};

const reachedAtMs = (course: Progress[], completed: number): number => {
  const next = course.findIndex((point) => point.completed >= completed);
  if (next < 0) return Number.NaN;
  if (next === 0) return course[0]!.atMs;
  const [before, after] = [course[next - 1]!, course[next]!];
  const part = (completed - before.completed) / (after.completed - before.completed);
  return before.atMs + part * (after.atMs - before.atMs);
};

const nowMs = (): number => performance.timeOrigin + performance.now();
