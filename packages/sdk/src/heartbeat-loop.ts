import {
  type ClaimedJob,
  type ErrorBody,
  type HeartbeatAnswer,
  type HeartbeatInput,
  LongshoreError,
} from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import { listenUntilAborted } from './listen-loop.ts';
import { backoffMs, pause } from './retry-policy.ts';

/** What the loop needs to know of its session. */
export interface HeartbeatSession {
  sessionId: string;
  leaseSeconds: number;
  heartbeatSeconds: number;
}

/** What proves that the process holds a job. */
export type Lease = Pick<ClaimedJob, 'id' | 'leaseToken'>;

/** Plain data: it crosses from a thread. `sessionLost` is the last event of a loop. */
export type HeartbeatEvent =
  | ({ type: 'answer' } & HeartbeatAnswer)
  | { type: 'missed'; error: ErrorBody }
  | { type: 'sessionLost'; error: ErrorBody };

/** What the process says of itself in its heartbeats. */
export type Posture = Pick<HeartbeatInput, 'isDraining' | 'concurrency'>;

export interface HeartbeatLoop {
  hold(leases: readonly Lease[]): void;
  drop(leases: readonly Lease[]): void;
  /** Says so in every beat from now on. */
  say(posture: Posture): void;
  /** Sends a beat now, beside the regular ones. */
  beat(): void;
  stop(): void;
}

/** The part of a lease without a confirmed heartbeat after which we stop: before the server's part, 1, is over. */
const fencedPart = 0.8;

/**
 * Proves that the process is alive, with all it holds, every `heartbeatSeconds`. A beat that fails is repeated soon.
 * In between it listens for word that there is news, and then beats at once. Without a confirmed beat for 80 % of the lease, or when the server says so, the session is lost, and so is every job.
 */
export const startHeartbeatLoop = (
  api: ApiClient,
  session: HeartbeatSession,
  onEvent: (event: HeartbeatEvent) => void,
): HeartbeatLoop => {
  const tokens = new Map<string, string>();
  let posture: Posture = {};
  const stopping = new AbortController();
  let fence: NodeJS.Timeout | undefined;
  let confirmedAtMs = Number.NEGATIVE_INFINITY;

  const beatUntilLost = async (): Promise<void> => {
    await pause(session.heartbeatSeconds * 1_000, stopping.signal);
    for (let failures = 0; !stopping.signal.aborted; ) {
      failures = (await beat()) ? 0 : failures + 1;
      const beatMs = session.heartbeatSeconds * 1_000;
      await pause(failures === 0 ? beatMs : Math.min(beatMs, backoffMs(failures)), stopping.signal);
    }
  };

  const beat = async (): Promise<boolean> => {
    const sentAtMs = performance.now();
    try {
      const held = Array.from(tokens, ([id, leaseToken]) => ({ id, leaseToken }));
      const call = {
        signal: stopping.signal,
        retries: 'never',
        timeoutMs: session.heartbeatSeconds * 1_000,
      } as const;
      const answer = await api.worker.heartbeat({ sessionId: session.sessionId, held, ...posture }, call);
      armFence(sentAtMs);
      onEvent({ type: 'answer', ...answer });
      return true;
    } catch (thrown) {
      if (!stopping.signal.aborted) miss(thrown);
      return false;
    }
  };

  const miss = (thrown: unknown): void => {
    const error = thrown instanceof LongshoreError ? thrown : new LongshoreError('INTERNAL', String(thrown));
    if (isSessionOver(error)) lose(error);
    else onEvent({ type: 'missed', error: error.toBody() });
  };

  const lose = (error: LongshoreError): void => {
    stop();
    onEvent({ type: 'sessionLost', error: error.toBody() });
  };

  /** The lease counts from when the confirmed beat was sent: it may have arrived at once. */
  const armFence = (sentAtMs: number): void => {
    if (sentAtMs < confirmedAtMs || stopping.signal.aborted) return;
    confirmedAtMs = sentAtMs;
    clearTimeout(fence);
    const fencedAtMs = sentAtMs + session.leaseSeconds * 1_000 * fencedPart;
    fence = setTimeout(() => lose(silence()), fencedAtMs - performance.now());
  };

  const stop = (): void => {
    clearTimeout(fence);
    stopping.abort();
  };

  armFence(performance.now());
  void beatUntilLost();
  void listenUntilAborted(api, session.sessionId, stopping.signal, beat);
  return {
    hold: (leases) => {
      for (const { id, leaseToken } of leases) tokens.set(id, leaseToken);
    },
    drop: (leases) => {
      for (const { id, leaseToken } of leases) if (tokens.get(id) === leaseToken) tokens.delete(id);
    },
    say: (said) => {
      posture = said;
    },
    beat: () => void beat(),
    stop,
  };
};

const silence = (): LongshoreError =>
  new LongshoreError(
    'SESSION_LOST',
    'No heartbeat was confirmed for most of the lease; the server may have given the jobs away.',
  );

/** True for a refusal that no repetition will change: the session is dead, or its key is. */
export const isSessionOver = (error: LongshoreError): boolean =>
  ['SESSION_LOST', 'UNAUTHENTICATED', 'FORBIDDEN'].includes(error.code);
