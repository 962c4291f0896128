import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './connect.ts';
import { formatNotice, type Notice, noticeChannel, noticeOrgsMax } from './notices.ts';
import { query } from './query.ts';

export interface Notifier {
  /** The sender in this process's own notices. */
  readonly sender: string;
  /** Tells the other processes, soon, that an org may have available jobs. */
  wake(orgId: number): void;
  /** Tells the other processes, soon, that what they remember of an org's keys and workers may be wrong. */
  changed(orgId: number): void;
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
  const waiting: Record<Notice['type'], Set<number>> = { changed: new Set(), wake: new Set() };
  let sending: Promise<void> | undefined;
  const stopped = new AbortController();

  const isAnyWaiting = (): boolean => waiting.changed.size + waiting.wake.size > 0;

  const takePayloads = (): string[] =>
    (['changed', 'wake'] as const).flatMap((type) => {
      const orgIds = [...waiting[type]];
      waiting[type].clear();
      const notices = Math.ceil(orgIds.length / noticeOrgsMax);
      return Array.from({ length: notices }, (_, at) =>
        formatNotice({
          type,
          sender,
          orgIds: orgIds.slice(at * noticeOrgsMax, (at + 1) * noticeOrgsMax),
        }),
      );
    });

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

  const addTo = (type: Notice['type']) => (orgId: number) => {
    waiting[type].add(orgId);
    sending ??= send();
  };

  return {
    sender,
    wake: addTo('wake'),
    changed: addTo('changed'),
    flush,
    stop: async () => {
      stopped.abort();
      await sending;
      await flush();
    },
  };
};
