import { type ClaimedJob, LongshoreError, limits } from '@longshore/contract';
import type { JobHandler } from './define-job.ts';
import { type JobOutcome, outcomeOfAbort } from './job-outcome.ts';
import { JobRun } from './job-run.ts';
import { createPlaceRest } from './place-rest.ts';
import { createProgressReporter, type ProgressReporter } from './progress-reporter.ts';
import { createRoomWait, type RoomWait } from './room-wait.ts';
import { tellOutcome } from './tell-outcome.ts';
import type { Events } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { WorkerSession } from './worker-session.ts';

/** A job claimed ahead that could not start within this time goes back: somebody else may be free. */
const staleMs = 1_000;

type HeldLease = Pick<ClaimedJob, 'id' | 'leaseToken'>;

export interface JobRunner {
  /** Takes jobs over from a claim. While stopping, they go back unspent. */
  accept(session: WorkerSession, jobs: readonly ClaimedJob[]): void;
  /** Takes jobs over from a claim only to give them back. */
  refuse(session: WorkerSession, jobs: readonly ClaimedJob[]): void;
  /** How many handlers run at the same time. */
  concurrency(): number;
  /** What runs beyond it goes on. */
  setConcurrency(concurrency: number): void;
  /** How many jobs a claim may ask for now. */
  room(): number;
  untilRoom: RoomWait['untilRoom'];
  /** Keeps room for jobs that were asked for, until the function that it answers is called. */
  expect(jobs: number): () => void;
  /** How many jobs may be claimed beyond those that can start at once. */
  setAhead(jobs: number): void;
  /** Jobs that ended since the worker started. */
  endedJobs(): number;
  /** A lease is gone, or somebody cancelled its job. A later lease on the same job is left alone. */
  abort(session: WorkerSession, lease: HeldLease, toReason: () => LongshoreError): void;
  abortAll(session: WorkerSession, reason: LongshoreError): void;
  /** Somebody cancelled these jobs, by whatever lease they are held. */
  cancel(jobIds: readonly string[], reason: LongshoreError): void;
  /** Gives back what has not started. */
  giveBackUnstarted(): void;
  /** Starts nothing more, and gives back what has not started. */
  stopStarting(): void;
  /** Tells every handler to stop. Its job goes back when it settles, at the latest when the grace is over. */
  stopRunning(reason: LongshoreError): void;
  /** Waits no longer for handlers that were told to stop. */
  abandonAll(): void;
  /** Resolves when no job is held. */
  whenEmpty(): Promise<void>;
}

export interface JobRunnerOptions {
  handlers: ReadonlyMap<string, JobHandler>;
  concurrency: number;
  abortGraceSeconds: number;
  /** How long a place takes no job after an attempt failed in it. Default 0. */
  errorRestSeconds?: number | undefined;
  events: Events<WorkerEvents>;
}

interface Seat {
  readonly run: JobRun;
  readonly session: WorkerSession;
  readonly claimedAtMs: number;
  isRunning: boolean;
}

/** Runs claimed jobs, at most `concurrency` at a time, and knows what the process holds. */
export const createJobRunner = (options: JobRunnerOptions): JobRunner => {
  const { handlers, abortGraceSeconds, errorRestSeconds = 0, events } = options;
  const seats = new Map<string, Seat>();
  let { concurrency } = options;
  let waiting: Seat[] = [];
  let running = 0;
  let telling = 0;
  let ended = 0;
  let ahead = 0;
  let expected = 0;
  let isStopping = false;
  let staleTimer: NodeJS.Timeout | undefined;
  let emptyWaiters: (() => void)[] = [];

  const heldJobs = (): number => running + waiting.length + telling;

  /** Two full requests of outcomes may be under way besides the jobs that run. */
  const room = (): number =>
    Math.min(
      concurrency + ahead - running - rests.count - waiting.length - expected,
      concurrency + 2 * limits.batchJobsMax - telling,
      limits.heldJobsMax - heldJobs() - expected,
    );
  const roomWait = createRoomWait(room);
  const rests = createPlaceRest(() => {
    startWaiting();
    roomWait.notice();
  });

  const accept = (session: WorkerSession, jobs: readonly ClaimedJob[]): void => {
    waiting.push(...takeSeats(session, jobs));
    if (isStopping) giveBack(waiting);
    else startWaiting();
  };

  const refuse = (session: WorkerSession, jobs: readonly ClaimedJob[]): void =>
    giveBack(takeSeats(session, jobs));

  const takeSeats = (session: WorkerSession, jobs: readonly ClaimedJob[]): Seat[] => {
    session.hold(jobs);
    return jobs.map((job) => seatFor(session, job));
  };

  const seatFor = (session: WorkerSession, job: ClaimedJob): Seat => {
    const predecessor = seats.get(job.id);
    if (predecessor) stopSeat(predecessor, leaseLost('The job was claimed again.'));
    const run = new JobRun({
      job,
      handler: handlers.get(job.kind) ?? unknownKind(job.kind),
      abortGraceSeconds,
      createReporter: () => reporterFor(seat),
      send: session.send,
      onEnd: (outcome) => void leave(seat, outcome),
    });
    const seat: Seat = { run, session, claimedAtMs: performance.now(), isRunning: false };
    seats.set(job.id, seat);
    return seat;
  };

  const startWaiting = (): void => {
    while (running + rests.count < concurrency) {
      const seat = waiting.shift();
      if (!seat) return;
      running++;
      seat.isRunning = true;
      if (events.isHeard('jobStarted')) events.emit('jobStarted', { job: seat.run.info });
      void seat.run.start();
    }
    if (waiting.length > 0) staleTimer ??= setTimeout(giveBackStale, staleMs);
  };

  const leave = async (seat: Seat, outcome: JobOutcome): Promise<void> => {
    const { run, session } = seat;
    if (seat.isRunning) {
      running--;
      rests.rest(restSecondsAfter(outcome));
    }
    if (seats.get(run.job.id) === seat) seats.delete(run.job.id);
    ended++;
    telling++;
    if (!isStopping) startWaiting();
    roomWait.notice();
    await tellOutcome(events, session, run, outcome);
    telling--;
    roomWait.notice();
    if (heldJobs() === 0) becomeEmpty();
  };

  const restSecondsAfter = (outcome: JobOutcome): number => {
    if (outcome.type === 'fail') return errorRestSeconds;
    return outcome.type === 'release' ? (outcome.restSeconds ?? 0) : 0;
  };

  const becomeEmpty = (): void => {
    events.emit('idle', { finishedJobs: ended });
    for (const wake of emptyWaiters) wake();
    emptyWaiters = [];
  };

  const giveBackStale = (): void => {
    staleTimer = undefined;
    ahead = 0;
    giveBack(waiting.filter((seat) => performance.now() - seat.claimedAtMs >= staleMs));
    if (waiting.length > 0) staleTimer = setTimeout(giveBackStale, staleMs);
  };

  const giveBack = (unstarted: readonly Seat[]): void => {
    const going = new Set(unstarted);
    waiting = waiting.filter((seat) => !going.has(seat));
    for (const seat of going) seat.run.end({ type: 'release' });
  };

  const stopSeat = (seat: Seat, reason: LongshoreError): void => {
    const isNews = seat.run.abort(reason);
    if (isNews && reason.code === 'LEASE_LOST')
      events.emit('leaseLost', { job: seat.run.info, error: reason });
    if (seat.isRunning) return;
    waiting = waiting.filter((other) => other !== seat);
    seat.run.end(outcomeOfAbort(reason));
  };

  const reporterFor = (seat: Seat): ProgressReporter => {
    const { run, session } = seat;
    return createProgressReporter({
      check: (value) => handlers.get(run.job.kind)?.checkProgress(value),
      send: async (report, bytes) => {
        const answer = await session.report(run.job, report, bytes);
        if (!answer.ok) throw LongshoreError.fromBody(answer.error);
      },
      onError: (error) => {
        if (error instanceof LongshoreError && error.code === 'LEASE_LOST') stopSeat(seat, error);
        else if (!session.signal.aborted) events.emit('error', { during: 'report', error, job: run.info });
      },
    });
  };

  return {
    accept,
    refuse,
    concurrency: () => concurrency,
    setConcurrency: (wanted) => {
      concurrency = wanted;
      if (!isStopping) startWaiting();
      roomWait.notice();
    },
    room,
    untilRoom: roomWait.untilRoom,
    expect: (jobs) => {
      let isOpen = true;
      expected += jobs;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        expected -= jobs;
        roomWait.notice();
      };
    },
    setAhead: (jobs) => {
      ahead = jobs;
      roomWait.notice();
    },
    endedJobs: () => ended,
    abort: (session, { id, leaseToken }, toReason) => {
      const seat = seats.get(id);
      if (seat?.session === session && seat.run.job.leaseToken === leaseToken) stopSeat(seat, toReason());
    },
    abortAll: (session, reason) => {
      for (const seat of [...seats.values()]) if (seat.session === session) stopSeat(seat, reason);
    },
    cancel: (jobIds, reason) => {
      for (const id of jobIds) {
        const seat = seats.get(id);
        if (seat) stopSeat(seat, reason);
      }
    },
    giveBackUnstarted: () => giveBack(waiting),
    stopStarting: () => {
      isStopping = true;
      clearTimeout(staleTimer);
      rests.stop();
      giveBack(waiting);
    },
    stopRunning: (reason) => {
      for (const { run } of [...seats.values()]) run.abort(reason, { type: 'release' });
    },
    abandonAll: () => {
      for (const { run } of [...seats.values()]) run.abandon();
    },
    whenEmpty: () =>
      heldJobs() === 0 ? Promise.resolve() : new Promise((resolve) => emptyWaiters.push(resolve)),
  };
};

const leaseLost = (message: string): LongshoreError => new LongshoreError('LEASE_LOST', message);

/** The server only sends kinds that the session named, so this is a bug worth failing a job for. */
const unknownKind = (kind: string): JobHandler => ({
  kind,
  perform: () => Promise.reject(new LongshoreError('INTERNAL', `This worker has no handler for ${kind}.`)),
  checkProgress: () => undefined,
});
