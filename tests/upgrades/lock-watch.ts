import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Locks of a migrator that stand in the way of readers or writers, from the moment it asks for one: who comes later waits behind it. */
export interface LockWatch {
  /** The longest time for each relation, in milliseconds: at most so long, from the last look before it to the first after it. */
  readonly longestMs: Map<string, number>;
  stop(): Promise<void>;
}

/** Looks every few milliseconds at what the connections named `longshore-migrate` hold and ask for. */
export const startLockWatch = async (databaseUrl: string): Promise<LockWatch> => {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lock-watch' });
  await client.connect();
  const stopped = new AbortController();
  const since = new Map<string, number>();
  const longestMs = new Map<string, number>();
  let lookedAtMs: number | undefined;

  const look = async (): Promise<void> => {
    const { rows } = await client.query<{ now_ms: number; locks: string[] }>(strongLocks);
    const { now_ms: nowMs, locks } = rows[0]!;
    for (const lock of locks) if (!since.has(lock)) since.set(lock, lookedAtMs ?? nowMs);
    for (const [lock, sinceMs] of since) {
      const relation = lock.slice(lock.indexOf(' ') + 1);
      longestMs.set(relation, Math.max(longestMs.get(relation) ?? 0, nowMs - sinceMs));
      if (!locks.includes(lock)) since.delete(lock);
    }
    lookedAtMs = nowMs;
  };
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await look();
      await delay(5, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    longestMs,
    stop: async () => {
      stopped.abort();
      await running;
      await client.end();
    },
  };
};

/** As `pid relation`. Relations that are made in the same transaction are nobody else's yet, and not in sight here. */
const strongLocks = `
  select
    extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
    array(
      select distinct l.pid || ' ' || c.relname
      from pg_locks l
      join pg_class c on c.oid = l.relation
      join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'relation'
        and l.database = (select oid from pg_database where datname = current_database())
        and c.relnamespace = to_regnamespace('longshore')
        and a.application_name = 'longshore-migrate'
        and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    ) as locks`;
