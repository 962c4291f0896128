import { setTimeout as pause } from 'node:timers/promises';
import type { Subject, SubjectWorker } from '../subject.ts';
import { nowMs } from '../worker-lines.ts';

/** Jobs that are submitted in the background. */
export interface Feed {
  /** On the clock of the workers' lines. */
  startedAtMs: number;
  /** Resolves once the last call has its answer. Rejects when a call has failed. */
  stop(): Promise<void>;
}

export const feedBatchSize = 100;
const callers = 4;
// What the subjects take at once: less would leave batches half full.
const backlogMin = 10_000;
const lookMs = 100;

/** Submits as fast as the worker works off: the next batch waits while more than 10,000 jobs and 0.3 s of work are waiting. */
export const feedToTheFull = (subject: Subject, worker: SubjectWorker): Feed => {
  const completedBefore = worker.completed();
  let submitted = 0;
  // The worker tells its count every tenth of a second, so three looks span at least one telling.
  const looks = [completedBefore, completedBefore, completedBefore];
  const timer = setInterval(() => {
    looks.unshift(worker.completed());
    looks.pop();
  }, lookMs);
  const isFull = (): boolean => {
    const waiting = submitted - (worker.completed() - completedBefore);
    return waiting >= backlogMin + 1.5 * (looks[0]! - looks[2]!);
  };
  return feedOf(
    callers,
    async () => {
      if (isFull()) return pause(1);
      submitted += feedBatchSize;
      await subject.submitMany(feedBatchSize);
    },
    () => clearInterval(timer),
  );
};

const paceMs = 20;
/** Jobs in one call at most; our API takes no more. */
const submitMax = 1_000;

/** Submits so many jobs a second, in a call every 20 ms. */
export const feedAtPace = (subject: Subject, perSecond: number): Feed => {
  const startedAtMs = performance.now();
  let submitted = 0;
  return feedOf(1, async () => {
    const behind = Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000) - submitted;
    const due = Math.min(behind, submitMax);
    submitted += due;
    await Promise.all([due > 0 && subject.submitMany(due), pause(paceMs)]);
  });
};

/** So many callers, each of which takes the step again and again until the feed is stopped. */
const feedOf = (callersAtOnce: number, step: () => Promise<unknown>, onStop = (): void => {}): Feed => {
  let isStopped = false;
  const callOn = async (): Promise<void> => {
    while (!isStopped) await step();
  };
  const calling = Promise.all(Array.from({ length: callersAtOnce }, callOn));
  // Whoever stops the feed hears of it; until then it must not end the process.
  calling.catch(() => {});
  return {
    startedAtMs: nowMs(),
    stop: async () => {
      isStopped = true;
      onStop();
      await calling;
    },
  };
};

const patience = 5;

/**
 * Jobs a second that the worker completes over the next seconds, and how many those are. One that completes none, as it claims
 * thousands at once on a slow machine, is given five times as long; then this throws.
 */
export const watchRate = async (
  worker: SubjectWorker,
  feed: Feed,
  seconds: number,
): Promise<{ jobs: number; perSecond: number }> => {
  // The last job that it completed may be one of its previous turn.
  const before = {
    completed: worker.completed(),
    atMs: Math.max(worker.completedAtMs(), feed.startedAtMs),
  };
  for (let waits = 0; waits < patience; waits++) {
    await pause(seconds * 1_000);
    const jobs = worker.completed() - before.completed;
    if (jobs > 0) return { jobs, perSecond: (jobs * 1_000) / (worker.completedAtMs() - before.atMs) };
  }
  throw new Error(`nothing was completed for ${patience * seconds} s`);
};

/** Waits until the worker completes nothing any more. */
export const waitUntilIdle = async (worker: SubjectWorker): Promise<void> => {
  for (let last = -1; last !== worker.completed(); ) {
    last = worker.completed();
    await pause(3 * lookMs);
  }
};
