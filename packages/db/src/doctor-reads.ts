import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';

/** A connection that keeps PostgreSQL from cleaning up behind the queue. */
export interface HeldSnapshot {
  pid: number;
  application: string;
  seconds: number;
}

/** Jobs that wait although no open worker session may take them. */
export interface UnservedRoute {
  org: string;
  queue: string;
  kind: string;
  requiredCapabilities: string[];
}

/** What a check-up asks a database, all orgs together. Needs a role that reads every org. */
export interface DoctorReads {
  /** Such as `18.1`, and its number, such as 180001. */
  serverVersion(): Promise<{ text: string; number: number }>;
  now(): Promise<Date>;
  /** Days from today on, in UTC, for which both partitioned tables have their partition. */
  preparedDays(): Promise<number>;
  heldSnapshots(olderThanSeconds: number): Promise<HeldSnapshot[]>;
  unservedRoutes(limit: number): Promise<UnservedRoute[]>;
}

export const createDoctorReads = (db: Database): DoctorReads => ({
  serverVersion: () =>
    translateErrors(async () => {
      const { rows } = await sql<{ text: string; number: number }>`
        select current_setting('server_version') as text, current_setting('server_version_num')::int as number
      `.execute(db.kysely);
      return { text: rows[0]!.text.split(' ')[0]!, number: rows[0]!.number };
    }),

  now: () =>
    translateErrors(async () => {
      const { rows } = await sql<{ now: Date }>`select longshore.now() as now`.execute(db.kysely);
      return rows[0]!.now;
    }),

  preparedDays: () =>
    translateErrors(async () => {
      const { rows } = await sql<{ days: number }>`
        select count(*)::int as days
        from generate_series(0, 60) as ahead
        cross join lateral (
          select to_char((longshore.now() at time zone 'UTC')::date + ahead, 'YYYYMMDD') as day
        ) as named
        where to_regclass('longshore.finished_jobs_' || day) is not null
          and to_regclass('longshore.job_output_' || day) is not null
      `.execute(db.kysely);
      return rows[0]!.days;
    }),

  heldSnapshots: (olderThanSeconds) =>
    translateErrors(async () => {
      const { rows } = await sql<HeldSnapshot>`
        select pid, application_name as application, extract(epoch from clock_timestamp() - xact_start)::int as seconds
        from pg_stat_activity
        where backend_xmin is not null
          and backend_type <> 'autovacuum worker'
          and pid <> pg_backend_pid()
          and xact_start < clock_timestamp() - make_interval(secs => ${olderThanSeconds})
        order by xact_start
      `.execute(db.kysely);
      return rows;
    }),

  unservedRoutes: (limit) =>
    translateErrors(async () => {
      const rows = await db.kysely
        .selectFrom('longshore.routes as routes')
        .innerJoin('longshore.orgs as orgs', 'orgs.id', 'routes.org_id')
        .select(['orgs.slug as org', 'routes.queue', 'routes.kind', 'routes.required_capabilities'])
        .distinct()
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('longshore.jobs as jobs')
              .select('jobs.id')
              .whereRef('jobs.org_id', '=', 'routes.org_id')
              .whereRef('jobs.route_id', '=', 'routes.id')
              .where('jobs.state', '=', 'available'),
          ),
        )
        .where(({ exists, not, selectFrom }) =>
          not(
            exists(
              selectFrom('longshore.worker_sessions as sessions')
                .select('sessions.id')
                .whereRef('sessions.org_id', '=', 'routes.org_id')
                .where('sessions.ended_at', 'is', null)
                .where(sql<boolean>`routes.kind = any(sessions.kinds)`)
                .where(sql<boolean>`(sessions.queues is null or routes.queue = any(sessions.queues))`)
                .where(sql<boolean>`routes.required_capabilities <@ sessions.capabilities`)
                .where(sql<boolean>`routes.priority between sessions.priority_min and sessions.priority_max`),
            ),
          ),
        )
        .limit(limit)
        .execute();
      return rows.map(({ required_capabilities, ...route }) => ({
        ...route,
        requiredCapabilities: required_capabilities,
      }));
    }),
});
