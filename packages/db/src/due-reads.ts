import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';

/** What the background duties ask before they call a verb for each org. Every answer is only a hint: the verb checks again. */
export interface DueReads {
  /** Open sessions whose lease has run out. */
  deadSessions(limit: number): Promise<{ orgId: number; sessionId: string }[]>;
  /** Scheduled jobs whose time has come, longest waiting first. */
  dueJobs(limit: number): Promise<{ orgId: number; id: string }[]>;
  orgsToTimeOut(limit: number): Promise<number[]>;
  orgsToUnblock(limit: number): Promise<number[]>;
  /** Until the next scheduled job is due, by the database's clock; null when none is scheduled. */
  secondsToNextDue(): Promise<number | null>;
}

export const createDueReads = (db: Database): DueReads => {
  const orgIds = (rows: { org_id: number }[]): number[] => rows.map((row) => row.org_id);

  return {
    deadSessions: (limit) =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.worker_sessions')
          .select(['org_id', 'id'])
          .where('ended_at', 'is', null)
          .where(sql<boolean>`heartbeat_at + make_interval(secs => lease_seconds) < longshore.now()`)
          .limit(limit)
          .execute();
        return rows.map((row) => ({ orgId: row.org_id, sessionId: row.id }));
      }),

    dueJobs: (limit) =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.jobs')
          .select(['org_id', 'id'])
          .where('state', '=', 'scheduled')
          .where('run_at', '<=', sql<Date>`(select longshore.now())`)
          .orderBy('run_at')
          .limit(limit)
          .execute();
        return rows.map((row) => ({ orgId: row.org_id, id: row.id }));
      }),

    orgsToTimeOut: (limit) =>
      translateErrors(async () => {
        const late = db.kysely
          .selectFrom('longshore.session_claims')
          .select('org_id')
          .where('deadline_at', '<', sql<Date>`(select longshore.now())`);
        const asked = db.kysely
          .selectFrom('longshore.jobs')
          .select('org_id')
          .where('cancel_requested_at', '<', sql<Date>`(select longshore.now()) - interval '30 seconds'`);
        return orgIds(await late.union(asked).limit(limit).execute());
      }),

    orgsToUnblock: (limit) =>
      translateErrors(async () => {
        const settled = db.kysely
          .selectFrom('longshore.job_dependencies')
          .select('org_id')
          .where('outcome', 'is not', null);
        const batched = db.kysely
          .selectFrom('longshore.job_dependencies as ties')
          .select('ties.org_id')
          .where('ties.batch_id', 'is not', null)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('longshore.jobs')
                  .select('longshore.jobs.id')
                  .whereRef('longshore.jobs.org_id', '=', 'ties.org_id')
                  .whereRef('longshore.jobs.batch_id', '=', 'ties.batch_id'),
              ),
            ),
          );
        return orgIds(await settled.union(batched).limit(limit).execute());
      }),

    secondsToNextDue: () =>
      translateErrors(async () => {
        const row = await db.kysely
          .selectFrom('longshore.jobs')
          .select(sql<number | null>`extract(epoch from min(run_at) - longshore.now())::float8`.as('seconds'))
          .where('state', '=', 'scheduled')
          .executeTakeFirst();
        return row?.seconds ?? null;
      }),
  };
};
