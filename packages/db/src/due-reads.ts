import { defaults, LongshoreError } from '@longshore/contract';
import type { Database } from './connect.ts';
import { query } from './query.ts';

export interface DeadSession {
  orgId: number;
  sessionId: string;
  hasEnded: boolean;
}

export interface DueJob {
  orgId: number;
  id: string;
  /** PostgreSQL's own text: a Date would lose its microseconds. */
  runAt: string;
}

/**
 * What the background duties ask before they call a verb for each org: the only questions that look across orgs, each a
 * function of longshore_system. Every answer is only a hint: the verb checks again.
 */
export interface DueReads {
  /**
   * Sessions whose lease has run out, and those that ended before (`hasEnded`) while somebody held jobs of theirs locked.
   * Of each org its first before the second of any. Throws UNAVAILABLE for a database that can only be read, such as a standby
   * that is being promoted: no heartbeat can be stored there.
   */
  deadSessions(limit: number): Promise<DeadSession[]>;
  /** Scheduled jobs whose time has come, longest waiting first; given the `runAt` of one, only those behind it. */
  dueJobs(limit: number, after?: string | null): Promise<DueJob[]>;
  /** `cancelGraceSeconds` as for the lifecycle. */
  orgsToTimeOut(limit: number, cancelGraceSeconds?: number): Promise<number[]>;
  orgsToUnblock(limit: number): Promise<number[]>;
  /** Until the next scheduled job is due, by the database's clock; null when none is scheduled. */
  secondsToNextDue(): Promise<number | null>;
}

export const createDueReads = ({ pool }: Database): DueReads => ({
  deadSessions: async (limit) => {
    const rows = await query<{
      is_read_only: boolean;
      org_id: number | null;
      id: string;
      has_ended: boolean;
    }>(
      pool,
      `select current_setting('transaction_read_only')::boolean as is_read_only, due.*
      from (select) as always
      left join longshore.due_sessions($1) as due on true`,
      [limit],
    );
    if (rows[0]!.is_read_only)
      throw new LongshoreError('UNAVAILABLE', 'the database can only be read right now');
    return rows.flatMap(({ org_id, id, has_ended }) =>
      org_id === null ? [] : [{ orgId: org_id, sessionId: id, hasEnded: has_ended }],
    );
  },

  dueJobs: async (limit, after = null) => {
    const rows = await query<{ org_id: number; id: string; run_at: string }>(
      pool,
      'select org_id, id, run_at::text from longshore.due_jobs($1, $2)',
      [limit, after],
    );
    return rows.map((row) => ({ orgId: row.org_id, id: row.id, runAt: row.run_at }));
  },

  orgsToTimeOut: async (limit, cancelGraceSeconds = defaults.cancelGraceSeconds) =>
    orgIds(await query(pool, 'select * from longshore.due_time_outs($1, $2)', [limit, cancelGraceSeconds])),

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
