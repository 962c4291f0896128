import { type ClaimedJob, limits } from '@longshore/contract';
import { toLongshoreError } from '../error-answer.ts';
import { JsonText } from '../trpc/json-text.ts';
import type { OpenEngineCalls } from './engine-calls.ts';
import type { Hearing } from './hearing.ts';
import type { HeldJobs } from './held-jobs.ts';
import { endsConnection } from './job-messages.ts';
import type { Outbox } from './outbox.ts';
import { pause, pauseSince, retryMs } from './pauses.ts';

export interface PusherOptions {
  openCalls: OpenEngineCalls;
  sessionId: string;
  /** What the worker takes, as it is at each moment. */
  standing: { readonly isDraining: boolean; readonly concurrency: number };
  /** A worker that is quiet takes nothing. */
  hearing: Pick<Hearing, 'isQuiet'>;
  held: HeldJobs;
  outbox: Outbox;
  /** The key or the session is over. */
  onError(error: unknown): void;
}

/** Claims jobs and sends them as long as the worker has room. What it cannot do now it tries again. */
export interface Pusher {
  /** What the worker takes has changed. */
  reconsider(): void;
  /** Resolves once a claim under way is settled. A job that was claimed and not sent goes back. */
  stop(): Promise<void>;
}

/** Claimed at a time: what was claimed waits in memory until the worker has read what comes before it. */
const claimMax = 64;

export const startPusher = (options: PusherOptions): Pusher => {
  const { standing, hearing, held, outbox } = options;
  let isStopped = false;
  let turn = new AbortController();

  const roomOf = (): number =>
    standing.isDraining || hearing.isQuiet ? 0 : standing.concurrency - held.size;

  /** One look at what there is room for. The signal ends it when that has changed. */
  const pushUntilChanged = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await outbox.drained(signal);
      const room = roomOf();
      if (room <= 0) await held.untilDropped(signal);
      else if (!signal.aborted) await pushOnce(options, Math.min(room, claimMax), signal);
    }
  };

  const push = async (): Promise<void> => {
    while (!isStopped) {
      await pushUntilChanged(turn.signal);
      turn = new AbortController();
    }
  };

  const pushing = push().catch(options.onError);
  return {
    reconsider: () => turn.abort(),
    stop: async () => {
      isStopped = true;
      turn.abort();
      await pushing;
    },
  };
};

const pushOnce = async (options: PusherOptions, limit: number, signal: AbortSignal): Promise<void> => {
  const { openCalls, sessionId } = options;
  const undos: (() => void)[] = [];
  const askedAtMs = performance.now();
  try {
    const calls = openCalls({ signal, onUndo: (undo) => undos.push(undo) });
    const answer = await calls.claim({ sessionId, limit, waitSeconds: limits.waitSecondsMax });
    if (signal.aborted) {
      for (const undo of undos) undo();
      return;
    }
    const jobs = readJobs(answer);
    if (jobs.length > 0) await sendJobs(options, jobs, signal);
    else await pauseSince(askedAtMs, signal);
  } catch (thrown) {
    const error = toLongshoreError(thrown);
    if (signal.aborted) return;
    if (endsConnection(error)) throw error;
    await pause(Math.max((error.retryAfterSeconds ?? 0) * 1_000, retryMs), signal);
  }
};

/** A claim answers with its JSON text. */
const readJobs = (answer: { jobs: ClaimedJob[] } | JsonText): ClaimedJob[] =>
  (answer instanceof JsonText ? (answer.toJSON() as { jobs: ClaimedJob[] }) : answer).jobs;

const sendJobs = async (
  { openCalls, held, outbox }: PusherOptions,
  jobs: ClaimedJob[],
  signal: AbortSignal,
): Promise<void> => {
  const send = ({ id, leaseToken, ...rest }: ClaimedJob): boolean => {
    if (!outbox.send({ type: 'work_request', requestId: id, ...rest })) return false;
    held.hold({ id, leaseToken });
    return true;
  };
  for (const [at, job] of jobs.entries()) {
    if (signal.aborted || !send(job)) {
      const items = jobs.slice(at).map(({ id, leaseToken }) => ({ id, leaseToken }));
      return void (await openCalls().release({ items }));
    }
    await outbox.drained(signal);
  }
};
