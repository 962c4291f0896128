import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './connect.ts';
import { formatWake, noticeChannel } from './notices.ts';
import { query } from './query.ts';

export interface Notifier {
  /** The sender in this process's own notices. */
  readonly sender: string;
  /** Tells the other processes, soon, that an org may have available jobs. */
  wake(orgId: number): void;
  /** Sends what is waiting now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Sends coalesced notifications after the fact, in transactions of their own, at most one every `minGapMs` (50: twenty a
 * second). NOTIFY takes a lock on the whole cluster at commit, so it never belongs in a hot transaction; without a WAL
 * flush inside that lock it is held for microseconds. A lost one costs the others a sweep, so failures are dropped.
 */
export const createNotifier = ({ db, minGapMs = 50 }: { db: Database; minGapMs?: number }): Notifier => {
  const sender = randomBytes(8).toString('hex');
  let waiting = new Set<number>();
  let sending: Promise<void> | undefined;
  const stopped = new AbortController();

  const flush = async (): Promise<void> => {
    if (waiting.size === 0) return;
    const orgIds = [...waiting];
    waiting = new Set();
    await query(db.pool, `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`, [
      noticeChannel,
      formatWake(sender, orgIds),
    ]).catch(() => {});
  };

  const pause = (ms: number): Promise<void> =>
    delay(ms, undefined, { signal: stopped.signal, ref: false }).catch(() => {});

  const send = async (): Promise<void> => {
    // This process's own waiters and callers come first; a socket write can cost as much as the whole statement.
    await pause(2);
    while (waiting.size > 0 && !stopped.signal.aborted) {
      await flush();
      await pause(minGapMs);
    }
    sending = undefined;
  };

  return {
    sender,
    wake: (orgId) => {
      waiting.add(orgId);
      sending ??= send();
    },
    flush,
    stop: async () => {
      stopped.abort();
      await sending;
      await flush();
    },
  };
};
