import type { SessionChange, SessionPlace, WorkerOfOrg } from '@longshore/db';
import { freezeDeep } from './freeze-deep.ts';

/** A worker process that is connected to any API process, with the org it works for. Nothing of it can be changed. */
export type PresentWorker = Readonly<WorkerOfOrg>;

/** It said goodbye, its lease ran out, its worker was revoked; null when nobody knows any more. */
export type DisconnectReason = 'closed' | 'dead' | 'revoked' | null;

export type ConnectedListener = (worker: PresentWorker) => unknown;
/** `pending` are the jobs it ran when it went; they are with others by now, or will be. */
export type DisconnectedListener = (
  worker: PresentWorker,
  pending: ReadonlySet<string>,
  reason: DisconnectReason,
) => unknown;

/** For programs that start the API inside themselves. */
export interface WorkerPresence {
  /**
   * Tells of each worker process once: of those that are connected already, then of those that connect. Answers how to listen no
   * more. What a listener throws is logged.
   */
  onWorkerConnected(listener: ConnectedListener): () => void;
  /** Tells of each worker process once that goes, whichever API process it spoke to. */
  onWorkerDisconnected(listener: DisconnectedListener): () => void;
}

export interface PresenceWatchOptions {
  /** What is new, what ended of what is known, and what is unknown and ended in the last seconds. */
  sessionChanges(known: readonly SessionPlace[], endedSeconds: number): Promise<SessionChange[]>;
  onError(error: unknown): void;
  /** Between two looks. Default 1,000. */
  pollMs?: number;
  /** The same when somebody on this process connects or goes. Default 100. */
  hurryMs?: number;
}

/** Looks at the sessions of all orgs, in one statement, while somebody listens; costs nothing while nobody does. */
export interface PresenceWatch extends WorkerPresence {
  /** Before this there is no look. */
  start(): void;
  /** Somebody on this process connected or went. */
  lookSoon(): void;
  stop(): Promise<void>;
}

/** How long after its end a session may still be unknown to be over: its transaction commits later. */
const lateMs = 5_000;

export const createPresenceWatch = (options: PresenceWatchOptions): PresenceWatch => {
  const { sessionChanges, onError, pollMs = 1_000, hurryMs = 100 } = options;
  const present = new Map<string, { orgId: number; worker: PresentWorker }>();
  const connected = new Set<ConnectedListener>();
  const disconnected = new Set<DisconnectedListener>();
  /** Who listens since the last look, and has to be told of everybody. */
  const newcomers = new Set<ConnectedListener>();
  /** Who was told to have gone, and when: the looks overlap by what may be committed late. */
  const gone = new Map<string, number>();
  let firstLookMs = Number.POSITIVE_INFINITY;
  let lastLookMs = 0;
  let isRunning = false;
  let isHurried = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const isListenedTo = (): boolean => connected.size + disconnected.size + newcomers.size > 0;

  const lookIn = (ms: number): void => {
    const atMs = performance.now() + ms;
    if (!isRunning || looking || !isListenedTo() || dueAtMs <= atMs) return;
    clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(() => {
      dueAtMs = Number.POSITIVE_INFINITY;
      isHurried = false;
      looking = look().finally(() => {
        looking = undefined;
        lookIn(isHurried ? hurryMs : pollMs);
      });
    }, ms);
  };

  const look = async (): Promise<void> => {
    const known = [...present].map(([sessionId, { orgId }]) => ({ orgId, sessionId }));
    const nowMs = performance.now();
    firstLookMs = Math.min(firstLookMs, nowMs);
    // What ended before anybody listened is nobody's concern.
    const overlapMs = Math.min(nowMs - lastLookMs + lateMs, nowMs - firstLookMs);
    try {
      for (const change of await sessionChanges(known, overlapMs / 1_000)) note(change, nowMs);
      lastLookMs = nowMs;
      welcomeNewcomers();
      forgetGone(nowMs - 2 * lateMs);
    } catch (error) {
      onError(error);
    }
  };

  const note = (change: SessionChange, nowMs: number): void => {
    const { orgId, sessionId } = change;
    if (gone.has(sessionId)) return;
    const known = present.get(sessionId)?.worker;
    const worker = known ?? (change.worker && freezeDeep(change.worker));
    if (!worker) return;
    if (!known) for (const listener of connected) tell(() => listener(worker));
    if (change.isOpen) {
      present.set(sessionId, { orgId, worker });
      return;
    }
    present.delete(sessionId);
    gone.set(sessionId, nowMs);
    // A set of its own for each: nobody can take a job out of what others are told.
    for (const listener of disconnected)
      tell(() => listener(worker, new Set(change.heldJobIds), change.reason));
  };

  const forgetGone = (beforeMs: number): void => {
    for (const [sessionId, atMs] of gone) if (atMs < beforeMs) gone.delete(sessionId);
  };

  const welcomeNewcomers = (): void => {
    for (const listener of newcomers) {
      connected.add(listener);
      for (const { worker } of present.values()) tell(() => listener(worker));
    }
    newcomers.clear();
  };

  const tell = (call: () => unknown): void => {
    try {
      Promise.resolve(call()).catch(onError);
    } catch (error) {
      onError(error);
    }
  };

  const cancelLook = (): void => {
    clearTimeout(timer);
    dueAtMs = Number.POSITIVE_INFINITY;
  };

  const leave = (): void => {
    if (isListenedTo()) return;
    cancelLook();
    present.clear();
    gone.clear();
    firstLookMs = Number.POSITIVE_INFINITY;
  };

  return {
    onWorkerConnected: (listener) => {
      const own: ConnectedListener = (worker) => listener(worker);
      newcomers.add(own);
      lookIn(0);
      return () => {
        newcomers.delete(own);
        connected.delete(own);
        leave();
      };
    },
    onWorkerDisconnected: (listener) => {
      const own: DisconnectedListener = (...gone) => listener(...gone);
      disconnected.add(own);
      lookIn(0);
      return () => {
        disconnected.delete(own);
        leave();
      };
    },
    start: () => {
      isRunning = true;
      lookIn(0);
    },
    lookSoon: () => {
      if (looking) isHurried = true;
      else lookIn(hurryMs);
    },
    stop: async () => {
      isRunning = false;
      cancelLook();
      await looking;
    },
  };
};
