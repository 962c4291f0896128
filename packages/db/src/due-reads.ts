import type { Database } from './connect.ts';
import { query } from './query.ts';

export interface DeadSession {
  orgId: number;
  sessionId: string;
  hasEnded: boolean;
}

/**
 * What the background duties ask before they call a verb for each org: the only questions that look across orgs, each a
 * function of longshore_system. Every answer is only a hint: the verb checks again.
 */
export interface DueReads {
  /**
   * Sessions whose lease has run out, and those that ended before (`hasEnded`) while somebody held jobs of theirs locked.
   * Of each org its first before the second of any.
   */
  deadSessions(limit: number): Promise<DeadSession[]>;
  /** Scheduled jobs whose time has come, longest waiting first. */
  dueJobs(limit: number): Promise<{ orgId: number; id: string }[]>;
  orgsToTimeOut(limit: number): Promise<number[]>;
  orgsToUnblock(limit: number): Promise<number[]>;
  /** Until the next scheduled job is due, by the database's clock; null when none is scheduled. */
  secondsToNextDue(): Promise<number | null>;
}

export const createDueReads = ({ pool }: Database): DueReads => ({
  deadSessions: async (limit) => {
    const rows = await query<{ org_id: number; id: string; has_ended: boolean }>(
      pool,
      'select * from longshore.due_sessions($1)',
      [limit],
    );
    return rows.map((row) => ({ orgId: row.org_id, sessionId: row.id, hasEnded: row.has_ended }));
  },

  dueJobs: async (limit) => {
    const rows = await query<{ org_id: number; id: string }>(pool, 'select * from longshore.due_jobs($1)', [
      limit,
    ]);
    return rows.map((row) => ({ orgId: row.org_id, id: row.id }));
  },

  orgsToTimeOut: async (limit) =>
    orgIds(await query(pool, 'select * from longshore.due_time_outs($1)', [limit])),

  orgsToUnblock: async (limit) =>
    orgIds(await query(pool, 'select * from longshore.due_unblocks($1)', [limit])),

  secondsToNextDue: async () => {
    const [row] = await query<{ seconds: number | null }>(
      pool,
      'select longshore.seconds_to_next_due() as seconds',
    );
    return row!.seconds;
  },
});

const orgIds = (rows: { org_id: number }[]): number[] => rows.map((row) => row.org_id);
