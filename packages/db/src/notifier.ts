import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './connect.ts';
import { formatNotice, noticeChannel, noticeOrgsMax, noticeSessionsMax } from './notices.ts';
import { query } from './query.ts';

export interface Notifier {
  /** The sender in this process's own notices. */
  readonly sender: string;
  /** Tells the other processes, soon, that an org may have available jobs. */
  wake(orgId: number): void;
  /** Tells the other processes, soon, that what they remember of an org's keys and workers may be wrong. */
  changed(orgId: number): void;
  /** Tells the other processes, soon, that sessions whose worker listens there should send a heartbeat. */
  nudge(sessionId: string): void;
  /** Sends what is waiting now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Sends coalesced notifications after the fact, in transactions of their own, at most one every `minGapMs` (50: twenty a
 * second). NOTIFY takes a lock on the whole cluster at commit, so it never belongs in a hot transaction; without a WAL
 * flush inside that lock it is held for microseconds. A lost one costs the others a sweep, or a second until what they
 * remember of a key has run out, so failures are dropped.
 */
export const createNotifier = ({ db, minGapMs = 50 }: { db: Database; minGapMs?: number }): Notifier => {
  const sender = randomBytes(8).toString('hex');
  const waiting = { changed: new Set<number>(), wake: new Set<number>(), nudge: new Set<string>() };
  let sending: Promise<void> | undefined;
  const stopped = new AbortController();

  const isAnyWaiting = (): boolean => waiting.changed.size + waiting.wake.size + waiting.nudge.size > 0;

  const takePayloads = (): string[] => [
    ...takeAll(waiting.changed, noticeOrgsMax, (orgIds) => formatNotice({ type: 'changed', sender, orgIds })),
    ...takeAll(waiting.wake, noticeOrgsMax, (orgIds) => formatNotice({ type: 'wake', sender, orgIds })),
    ...takeAll(waiting.nudge, noticeSessionsMax, (sessionIds) =>
      formatNotice({ type: 'nudge', sender, sessionIds }),
    ),
  ];

  const flush = async (): Promise<void> => {
    // What arrives meanwhile waits for the next time, or a busy process would notify without a gap.
    const payloads = takePayloads();
    if (payloads.length === 0) return;
    await query(
      db.pool,
      `select set_config('synchronous_commit', 'off', true), pg_notify($1, payload) from unnest($2::text[]) as payload`,
      [noticeChannel, payloads],
    ).catch(() => {});
  };

  const pause = (ms: number): Promise<void> =>
    delay(ms, undefined, { signal: stopped.signal, ref: false }).catch(() => {});

  const send = async (): Promise<void> => {
    // This process's own waiters and callers come first; a socket write can cost as much as the whole statement.
    await pause(2);
    while (isAnyWaiting() && !stopped.signal.aborted) {
      await flush();
      await pause(minGapMs);
    }
    sending = undefined;
  };

  const addTo =
    <Id>(ids: Set<Id>) =>
    (id: Id): void => {
      ids.add(id);
      sending ??= send();
    };

  return {
    sender,
    wake: addTo(waiting.wake),
    changed: addTo(waiting.changed),
    nudge: addTo(waiting.nudge),
    flush,
    stop: async () => {
      stopped.abort();
      await sending;
      await flush();
    },
  };
};

/** Empties a set into notices of so many ids at most. */
const takeAll = <Id>(ids: Set<Id>, idsMax: number, format: (ids: Id[]) => string): string[] => {
  const all = [...ids];
  ids.clear();
  return Array.from({ length: Math.ceil(all.length / idsMax) }, (_, at) =>
    format(all.slice(at * idsMax, (at + 1) * idsMax)),
  );
};
