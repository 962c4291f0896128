import { isFinal, type Job, LongshoreError } from '@longshore/contract';

export interface WaitsOptions {
  getJob(orgId: number, id: string): Promise<Job | null>;
  /** Which of these jobs are final, by id. */
  finishedAmong(jobs: { orgId: number; id: string }[]): Promise<Set<string>>;
  onError(error: unknown): void;
  /** Between two looks for jobs that finished on another process. Default 250. */
  pollMs?: number;
}

export interface WaitCall {
  orgId: number;
  id: string;
  waitSeconds: number;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal | undefined;
}

/** Where callers wait for jobs to become final. */
export interface Waits {
  /** The job once it is final, or null after `waitSeconds`. Throws NOT_FOUND. */
  wait(call: WaitCall): Promise<Job | null>;
  /** Jobs that became final on this process: their waiters need not wait for the poll. */
  noteFinished(jobIds: string[]): void;
  close(): void;
}

interface Waiter {
  orgId: number;
  id: string;
  /** Its time is up, its caller hung up, or the process closes: one last look. */
  isOver: boolean;
  wake(): void;
}

export const createWaits = ({ getJob, finishedAmong, onError, pollMs = 250 }: WaitsOptions): Waits => {
  const waiters = new Set<Waiter>();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const noteFinished = (jobIds: string[]): void => {
    if (waiters.size === 0) return;
    const finished = new Set(jobIds);
    for (const waiter of waiters) if (finished.has(waiter.id)) waiter.wake();
  };

  const poll = async (): Promise<void> => {
    try {
      noteFinished([...(await finishedAmong([...waiters].map(({ orgId, id }) => ({ orgId, id }))))]);
    } catch (error) {
      onError(error);
    }
    timer = undefined;
    pollLater();
  };

  const pollLater = (): void => {
    if (waiters.size > 0 && !isClosed) timer ??= setTimeout(() => void poll(), pollMs);
  };

  const watch = async (waiter: Waiter): Promise<Job | null> => {
    for (;;) {
      // Listening begins before the look, so that a finish in between is not missed.
      const news = new Promise<void>((resolve) => {
        waiter.wake = resolve;
      });
      const job = await getJob(waiter.orgId, waiter.id);
      if (!job) throw new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
      if (isFinal(job.state)) return job;
      if (waiter.isOver) return null;
      pollLater();
      await news;
    }
  };

  return {
    wait: async ({ orgId, id, waitSeconds, signal }) => {
      const waiter: Waiter = { orgId, id, isOver: isClosed || (signal?.aborted ?? false), wake: () => {} };
      const giveUp = (): void => endWait(waiter);
      const deadline = setTimeout(giveUp, waitSeconds * 1_000);
      signal?.addEventListener('abort', giveUp);
      waiters.add(waiter);
      try {
        return await watch(waiter);
      } finally {
        waiters.delete(waiter);
        signal?.removeEventListener('abort', giveUp);
        clearTimeout(deadline);
      }
    },
    noteFinished,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      waiters.forEach(endWait);
    },
  };
};

const endWait = (waiter: Waiter): void => {
  waiter.isOver = true;
  waiter.wake();
};
