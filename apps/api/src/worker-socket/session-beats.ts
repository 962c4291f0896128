import { type HeartbeatAnswer, limits } from '@longshore/contract';
import { toLongshoreError } from '../error-answer.ts';
import type { OpenEngineCalls } from './engine-calls.ts';
import type { Hearing } from './hearing.ts';
import type { HeldJobs } from './held-jobs.ts';
import { endsConnection } from './job-messages.ts';
import { pause, pauseSince, retryMs } from './pauses.ts';

export interface SessionBeatsOptions {
  openCalls: OpenEngineCalls;
  sessionId: string;
  leaseSeconds: number;
  held: HeldJobs;
  /** The server sends no heartbeats for a worker that is quiet. */
  hearing: Pick<Hearing, 'isQuiet' | 'untilHeard'>;
  /** What else a heartbeat says. */
  standing(): { isDraining: boolean; concurrency: number };
  onAnswer(answer: HeartbeatAnswer): Promise<void>;
  /** The worker was silent for its lease. */
  onSilent(): void;
  /** The key or the session is over. */
  onError(error: unknown): void;
}

/** The heartbeats of a worker, and those that the server sends for it when there is news: their answers bring them. */
export interface SessionBeats {
  /** The worker lives. */
  beat(): Promise<void>;
  stop(): void;
}

export const startSessionBeats = (options: SessionBeatsOptions): SessionBeats => {
  const { openCalls, sessionId, held, hearing, standing } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let silence: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const armSilence = (): void => {
    clearTimeout(silence);
    if (!signal.aborted) silence = setTimeout(options.onSilent, options.leaseSeconds * 1_000);
  };

  /** One at a time, so that a worker cannot beat faster than it is answered. */
  const beatOnce = (): Promise<HeartbeatAnswer> => {
    const mine = last.then(() => openCalls().heartbeat({ sessionId, held: held.leases(), ...standing() }));
    last = mine.catch(() => {});
    return mine;
  };

  /** Only the worker's own beats keep its connection: these cannot make a dead one live. */
  const listen = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const call = { sessionId, waitSeconds: limits.waitSecondsMax };
        await hearing.untilHeard(signal);
        const askedAtMs = performance.now();
        const { isNudged } = await openCalls({ signal }).listen(call);
        if (!isNudged) await pauseSince(askedAtMs, signal);
        else if (!hearing.isQuiet && !signal.aborted) await options.onAnswer(await beatOnce());
      } catch (thrown) {
        const error = toLongshoreError(thrown);
        if (signal.aborted) return;
        if (endsConnection(error)) return options.onError(error);
        await pause(retryMs, signal);
      }
    }
  };

  armSilence();
  void listen();
  return {
    beat: async () => {
      const answer = await beatOnce();
      armSilence();
      await options.onAnswer(answer);
    },
    stop: () => {
      clearTimeout(silence);
      stopping.abort();
    },
  };
};
