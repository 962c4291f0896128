import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@longshore/db';
import { readSql } from '../sql-file.ts';

export interface LockWatch {
  /** The longest wait for the lock of NOTIFY that looks every few milliseconds came upon, so far as it had lasted then. */
  stop(): Promise<{ longestMs: number }>;
}

const periodMs = 5;
const objectWaits = readSql('./sql/object-waits.sql', import.meta.url);

/** Watches for commits that wait for each other because they notify. */
export const watchLocks = (databaseUrl: string): LockWatch => {
  const database = connect({ url: databaseUrl, poolSize: 1 });
  const stopping = new AbortController();
  const watch = async (): Promise<number> => {
    let longestMs = 0;
    while (!stopping.signal.aborted) {
      const { rows } = await database.pool.query<{ longest_ms: number }>(objectWaits);
      longestMs = Math.max(longestMs, rows[0]!.longest_ms);
      await delay(periodMs);
    }
    await database.close();
    return longestMs;
  };
  const watching = watch();
  // Told to whoever stops the watch.
  watching.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      return { longestMs: await watching };
    },
  };
};
