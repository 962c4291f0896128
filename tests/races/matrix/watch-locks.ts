import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from '@longshore/test-kit';

const pauseMs = 1;

/** Whether a statement of one connection waits for another connection, by their backends' pids. */
export type LockWatch = (pid: number, by: number) => Promise<boolean>;

/** Looks at the locks of one database, for as many as ask: all that ask before a look share it. */
export const watchLocks = (database: Pick<TestDatabase, 'query'>): LockWatch => {
  let next: Promise<{ pid: number; blockers: number[] }[]> | undefined;
  const look = async () => {
    await delay(pauseMs);
    next = undefined;
    return database.query<{ pid: number; blockers: number[] }>(heldUp);
  };
  return async (pid, by) => {
    next ??= look();
    return (await next).some((waiting) => waiting.pid === pid && waiting.blockers.includes(by));
  };
};

const heldUp = `
  select pid, pg_blocking_pids(pid) as blockers
  from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;
