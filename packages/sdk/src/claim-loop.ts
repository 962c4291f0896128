import { LongshoreError, limits } from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import { isSessionOver } from './heartbeat-loop.ts';
import type { JobRunner } from './job-runner.ts';
import { watchLoop } from './loop-watch.ts';
import { backoffMs, pause } from './retry-policy.ts';
import type { WorkerSession } from './worker-session.ts';

/** What a request may take beyond the wait it asks for. */
const answerMs = 10_000;

/**
 * An answer that waited so long for a blocked event loop is not acted on: ten seconds after a claim the server takes jobs
 * that no heartbeat has named for strays, and may have given them to others.
 */
const stalledMsMax = 5_000;

export interface ClaimLoopOptions {
  api: ApiClient;
  session: WorkerSession;
  runner: JobRunner;
  prefetch: number;
  /** Ends the loop. A claim that is answered all the same is handed to the runner, which gives its jobs back. */
  signal: AbortSignal;
  onError(error: unknown): void;
}

/**
 * Claims jobs until the signal is aborted or the session is over. A claim asks for all free places. While the queue has
 * more, it waits until a quarter of the places is free, so that claims stay large, and the next one waits on the server
 * already when one is answered; once a claim comes back short, the next one waits there with whatever is free.
 */
export const claimUntilAborted = async (options: ClaimLoopOptions): Promise<void> => {
  const { session, runner, prefetch, signal } = options;
  const flights = new Set<Promise<void>>();
  let isBusy = false;
  let endedBefore = 0;
  let failures = 0;

  const flightsMax = (): number => (isBusy ? 2 : 1);

  const adjust = async (claim: ClaimReport): Promise<void> => {
    isBusy = claim.isFull;
    // As many again as ended since the last answer: none for long jobs, which are better left to others, a claim's worth for
    // short ones.
    const ended = runner.endedJobs() - endedBefore;
    endedBefore += ended;
    runner.setAhead(isBusy ? Math.min(prefetch, 2 * ended) : 0);
    if (claim.jobs > 0) failures = 0;
    else if (claim.isEarly) await pause(backoffMs(++failures), signal);
  };

  while (!signal.aborted && !session.signal.aborted) {
    if (flights.size >= flightsMax()) {
      await Promise.race(flights);
      continue;
    }
    await runner.untilRoom(isBusy ? Math.ceil(runner.concurrency() / 4) : 1, signal);
    // Outcomes that wait to be told may have taken the room between the waking and now, and the other claim may have come back.
    if (signal.aborted || runner.room() < 1 || flights.size >= flightsMax()) continue;
    const flight = claimOnce(options)
      .then(adjust)
      .finally(() => flights.delete(flight));
    flights.add(flight);
  }
  await Promise.all(flights);
};

interface ClaimReport {
  jobs: number;
  isFull: boolean;
  /** Came back without a job, and without the wait. */
  isEarly: boolean;
}

const claimOnce = async (options: ClaimLoopOptions): Promise<ClaimReport> => {
  const { api, session, runner, signal, onError } = options;
  const limit = Math.min(runner.room(), limits.claimJobsMax);
  const waitSeconds = limits.waitSecondsMax;
  const askedAtMs = performance.now();
  const isEarly = (): boolean => performance.now() - askedAtMs < (waitSeconds * 1_000) / 2;
  const watch = watchLoop();
  const settle = runner.expect(limit);
  try {
    const { jobs } = await api.worker.claim(
      { sessionId: session.id, limit, waitSeconds },
      { signal, retries: 'never', timeoutMs: waitSeconds * 1_000 + answerMs },
    );
    const isLate = watch.stalledMs() > stalledMsMax;
    if (isLate) runner.refuse(session, jobs);
    else runner.accept(session, jobs);
    const isFull = jobs.length === limit && !isLate;
    return { jobs: jobs.length, isFull, isEarly: isEarly() };
  } catch (error) {
    if (!signal.aborted) onError(error);
    if (error instanceof LongshoreError && isSessionOver(error)) session.lose(error);
    return { jobs: 0, isFull: false, isEarly: isEarly() };
  } finally {
    settle();
    watch.stop();
  }
};
