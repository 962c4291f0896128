import { type Job, LongshoreError, limits } from '@longshore/contract';
import type { ApiClient } from './api-client.ts';

/** Long polls that are open side by side before they are joined. */
const pollsMax = 16;
/** What a request may take beyond the wait it asks for. */
const answerMs = 10_000;

/** A job is not final at the deadline of somebody who waits for it. */
export class JobNotInTime extends Error {
  override readonly name = 'JobNotInTime';
}

export interface JobWaits {
  /** The job once it is final. Rejects with JobNotInTime at the deadline (by `performance.now()`), or with NOT_FOUND. */
  untilFinal(id: string, deadlineMs: number): Promise<Job>;
}

interface Waiter {
  deadlineMs: number;
  resolve(job: Job): void;
  reject(error: unknown): void;
}

interface Poll {
  ids: string[];
  isDropped: boolean;
  hangUp: AbortController;
}

/**
 * Gathers the waits of a client into a few long polls, each for up to 1,000 jobs, which are answered when the first of them is
 * final. A few waits have a poll each. Once there are many, new ones join others, and the more there are the longer that may
 * take, up to 50 ms: or each job that ends would have all the others asked for again.
 */
export const createJobWaits = (api: Pick<ApiClient['jobs'], 'wait' | 'waitMany'>): JobWaits => {
  const waiters = new Map<string, Set<Waiter>>();
  const unasked = new Set<string>();
  const polls = new Set<Poll>();
  let timer: NodeJS.Timeout | undefined;
  let isTakeoffDue = false;

  const schedule = (): void => {
    if (unasked.size === 0 || isTakeoffDue) return;
    const isCrowded = polls.size >= pollsMax || unasked.size > pollsMax;
    if (isCrowded) {
      timer ??= setTimeout(takeOff, Math.min(50, waiters.size / 20));
      return;
    }
    isTakeoffDue = true;
    queueMicrotask(takeOff);
  };

  const takeOff = (): void => {
    isTakeoffDue = false;
    clearTimeout(timer);
    timer = undefined;
    if (polls.size >= pollsMax) joinSmallest();
    while (unasked.size > 0) {
      const ids = [...unasked].slice(0, limits.batchJobsMax);
      for (const id of ids) unasked.delete(id);
      void fly({ ids, isDropped: false, hangUp: new AbortController() });
    }
  };

  /** The jobs of the smallest poll are asked for again together with those that wait for one. */
  const joinSmallest = (): void => {
    const [smallest] = [...polls].sort((one, other) => one.ids.length - other.ids.length);
    if (!smallest || smallest.ids.length + unasked.size > limits.batchJobsMax) return;
    polls.delete(smallest);
    smallest.isDropped = true;
    smallest.hangUp.abort();
    askAgain(smallest.ids);
  };

  const askAgain = (ids: string[]): void => {
    for (const id of ids) if (waiters.has(id)) unasked.add(id);
  };

  const fly = async (poll: Poll): Promise<void> => {
    polls.add(poll);
    const waitSeconds = secondsOf(poll.ids.flatMap((id) => [...(waiters.get(id) ?? [])]));
    const call = { signal: poll.hangUp.signal, timeoutMs: waitSeconds * 1_000 + answerMs };
    try {
      const { jobs, missing } = await api.waitMany({ jobIds: poll.ids, waitSeconds }, call);
      for (const job of jobs) settle(job.id, (waiter) => waiter.resolve(job));
      for (const id of missing) settle(id, (waiter) => waiter.reject(notFound()));
      if (jobs.length === 0) expire(poll.ids);
      if (!poll.isDropped) askAgain(poll.ids);
    } catch (error) {
      if (!poll.isDropped) for (const id of poll.ids) settle(id, (waiter) => waiter.reject(error));
    }
    polls.delete(poll);
    schedule();
  };

  const settle = (id: string, tell: (waiter: Waiter) => void): void => {
    for (const waiter of waiters.get(id) ?? []) tell(waiter);
    waiters.delete(id);
    unasked.delete(id);
  };

  /** Only after a look: a job that is final in time counts, however late the answer. */
  const expire = (ids: string[]): void => {
    for (const id of ids) {
      const ofJob = waiters.get(id) ?? new Set();
      for (const waiter of ofJob) {
        if (waiter.deadlineMs > performance.now()) continue;
        ofJob.delete(waiter);
        waiter.reject(new JobNotInTime());
      }
      if (ofJob.size === 0) waiters.delete(id);
    }
  };

  return {
    untilFinal: async (text, deadlineMs) => {
      const id = text.toLowerCase();
      // What is no id would spoil the request for all others.
      if (!uuidPattern.test(id)) await api.wait({ id, waitSeconds: 0 });
      return new Promise<Job>((resolve, reject) => {
        const waiter = { deadlineMs, resolve, reject };
        const ofJob = waiters.get(id);
        if (ofJob) ofJob.add(waiter);
        else waiters.set(id, new Set([waiter]));
        // Whoever waits for the same job may be asking with more patience.
        unasked.add(id);
        schedule();
      });
    },
  };
};

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** How long a poll may wait: until the first of these has to be told. */
const secondsOf = (waiters: readonly Waiter[]): number => {
  const firstMs = waiters.reduce((first, { deadlineMs }) => Math.min(first, deadlineMs), Infinity);
  return Math.min(limits.waitSecondsMax, Math.max(0, (firstMs - performance.now()) / 1_000));
};

const notFound = (): LongshoreError =>
  new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
