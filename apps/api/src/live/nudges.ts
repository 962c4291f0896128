import type { Session } from '@longshore/db';

export interface NudgesOptions {
  /** Those of these sessions that should beat now; see Messages. */
  sessionsWithNews(sessions: { orgId: number; id: string }[], slackSeconds: number): Promise<string[]>;
  onError(error: unknown): void;
  /** Between two looks for what nobody told of. */
  lookMs: number;
}

export interface ListenCall {
  session: Pick<Session, 'id' | 'orgId'>;
  waitSeconds: number;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal | undefined;
}

/**
 * Where worker processes wait to be told that their next heartbeat should come at once: its answer has the news itself. One
 * waiter a session. A nudge may be lost or come for nothing; the heartbeat every few seconds tells the same.
 */
export interface Nudges {
  /** True when there is news, false after `waitSeconds`, when a newer call takes the place, or when the process closes. */
  listen(call: ListenCall): Promise<boolean>;
  /** There is news for these sessions; those that do not wait here are passed over. */
  nudge(sessionIds: readonly string[]): void;
  /** There may be news for those of these orgs, or of all: looks soon. */
  recheck(orgIds?: readonly number[]): void;
  close(): void;
}

interface Waiter {
  readonly orgId: number;
  readonly id: string;
  lookAtMs: number;
  answer(isNudged: boolean): void;
}

/** The first look after the one at arrival, and how often the hub asks which waiters are due for one. */
const tickMs = 500;
/** What was done by a transaction that began this long before a heartbeat and committed after it, which did not see it. */
const slackSeconds = 0.4;

export const createNudges = ({ sessionsWithNews, onError, lookMs }: NudgesOptions): Nudges => {
  const waiters = new Map<string, Waiter>();
  let arrived: Waiter[] = [];
  let isLookingAtArrived = false;
  let ticking: NodeJS.Timeout | undefined;
  let isClosed = false;

  const nudge = (sessionIds: readonly string[]): void => {
    for (const id of sessionIds) waiters.get(id)?.answer(true);
  };

  const look = async (among: readonly Waiter[], slack: number): Promise<void> => {
    try {
      nudge(await sessionsWithNews([...among], slack));
    } catch (error) {
      onError(error);
    }
  };

  /** What came between a session's last heartbeat and its arrival here was told to nobody. */
  const lookAtArrived = async (): Promise<void> => {
    if (isLookingAtArrived) return;
    isLookingAtArrived = true;
    while (arrived.length > 0) {
      const among = arrived;
      arrived = [];
      await look(among, 0);
    }
    isLookingAtArrived = false;
  };

  const tick = async (): Promise<void> => {
    const nowMs = performance.now();
    const due = [...waiters.values()].filter((waiter) => waiter.lookAtMs <= nowMs);
    for (const waiter of due) waiter.lookAtMs = nowMs + lookMs - tickMs / 2;
    if (due.length > 0) await look(due, slackSeconds);
    ticking = undefined;
    tickLater();
  };

  const tickLater = (): void => {
    if (waiters.size > 0 && !isClosed) ticking ??= setTimeout(() => void tick(), tickMs);
  };

  return {
    listen: ({ session: { id, orgId }, waitSeconds, signal }) =>
      new Promise((resolve) => {
        if (isClosed || signal?.aborted) return resolve(false);
        waiters.get(id)?.answer(false);
        const answer = (isNudged: boolean): void => {
          clearTimeout(deadline);
          signal?.removeEventListener('abort', giveUp);
          if (waiters.get(id) === waiter) waiters.delete(id);
          resolve(isNudged);
        };
        const giveUp = (): void => answer(false);
        const deadline = setTimeout(giveUp, waitSeconds * 1_000);
        signal?.addEventListener('abort', giveUp);
        const waiter: Waiter = { orgId, id, lookAtMs: performance.now() + tickMs / 2, answer };
        waiters.set(id, waiter);
        arrived.push(waiter);
        void lookAtArrived();
        tickLater();
      }),
    nudge,
    recheck: (orgIds) => {
      for (const waiter of waiters.values()) if (orgIds?.includes(waiter.orgId) ?? true) waiter.lookAtMs = 0;
    },
    close: () => {
      isClosed = true;
      clearTimeout(ticking);
      for (const waiter of [...waiters.values()]) waiter.answer(false);
    },
  };
};
