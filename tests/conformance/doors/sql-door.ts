import {
  type BatchStatus,
  type HeartbeatAnswer,
  LongshoreError,
  type OpenSessionInput,
  type SubmitInput,
  uuidV7,
} from '@longshore/contract';
import { connect, createAdmin, type Database, toLongshoreError } from '@longshore/db';
import type pg from 'pg';
import { type Claimed, type JobView, myOrg, type OpenDoor, theirOrg, type Verbs } from './door.ts';
import { batchStatusSql, claimSql, jobSql, openSessionSql } from './sql-texts.ts';
import { toSnakeCase, toSqlOutcomes } from './sql-wire.ts';
import type { DoorUrls } from './use-door.ts';

/** The SQL functions, called by a plain client of PostgreSQL. */
export const openSqlDoor = async ({ url }: DoorUrls): Promise<OpenDoor> => {
  const db = connect({ url, poolSize: 4 });
  return {
    mine: await speakFor(db, myOrg),
    theirs: await speakFor(db, theirOrg),
    runDuties: () => runDuties(db),
    close: () => db.close(),
  };
};

const speakFor = async (db: Database, slug: string): Promise<Verbs> => {
  const admin = createAdmin(db);
  await admin.createOrg(slug);
  const orgId = await admin.orgIdOf(slug);
  const worker = await admin.registerWorker(orgId, { name: 'sql worker' });

  const ask = <Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> =>
    askDatabase<Row>(db, sql, values);
  const one = async (condition: string, value: string): Promise<JobView | null> =>
    (
      await ask<JobView>(`${jobSql} where org_id = $1 and ${condition} order by created_at desc`, [
        orgId,
        value,
      ])
    )[0] ?? null;
  const finish =
    (verb: string, stateOfRest: 'failed' | 'available' | 'scheduled' | 'running') =>
    async (items: { id: string; leaseToken: string }[]) =>
      toSqlOutcomes(
        items,
        await ask(`select * from longshore.${verb}($1, $2)`, [orgId, JSON.stringify(items.map(toSnakeCase))]),
        stateOfRest,
      );
  const change = (call: string) => async (ids: string[], reason?: string) => {
    const values = call.includes('$3') ? [orgId, ids, reason ?? null] : [orgId, ids];
    const rows = await ask<{ state: JobView['state'] | null; is_accepted: boolean }>(
      `select * from ${call}`,
      values,
    );
    return rows.map(({ state, is_accepted }) => ({
      ok: is_accepted === true,
      state,
      code: is_accepted ? null : state === null ? ('NOT_FOUND' as const) : ('INVALID_STATE' as const),
    }));
  };
  const setPaused = async (queue: string, isPaused: boolean) => {
    await ask(
      `insert into longshore.queues (org_id, name, paused_at) values ($1, $2, case when $3 then longshore.now() end)
       on conflict (org_id, name) do update set paused_at = excluded.paused_at`,
      [orgId, queue, isPaused],
    );
  };

  return {
    submit: async ({ kind, payload, ...options }: SubmitInput) => {
      const values = [slug, kind, JSON.stringify(payload), JSON.stringify(toSnakeCase(options))];
      const [row] = await ask<{ id: string }>('select longshore.submit($1, $2, $3, $4) as id', values);
      return row!.id;
    },
    submitMany: async (jobs) => {
      const rows = await ask<{ id: string }>('select * from longshore.submit_many($1, $2) as id', [
        slug,
        JSON.stringify(jobs.map(toSnakeCase)),
      ]);
      return rows.map(({ id }) => id);
    },
    openSession: async ({ kinds, capabilities = [], queues, leaseSeconds = 15 }: OpenSessionInput) => {
      const id = uuidV7();
      await ask(openSessionSql, [orgId, id, worker.id, kinds, capabilities, queues ?? null, leaseSeconds]);
      return id;
    },
    closeSession: async (sessionId) =>
      (
        await ask<{ count: number }>('select longshore.close_session($1, $2) as count', [orgId, sessionId])
      )[0]!.count,
    claim: (sessionId, limit) => ask<Claimed>(claimSql, [orgId, sessionId, limit]),
    heartbeat: async (sessionId, held) => {
      const beat = [{ session_id: sessionId, held: held.map(toSnakeCase) }];
      const [row] = await ask<HeartbeatAnswer>(
        'select lost, cancel, messages from longshore.heartbeat_sessions($1, $2)',
        [orgId, JSON.stringify(beat)],
      );
      return row ?? null;
    },
    complete: async (items) => {
      const call = 'select * from longshore.complete_jobs($1, $2, $3, $4)';
      const ids = items.map(({ id }) => id);
      const tokens = items.map(({ leaseToken }) => leaseToken);
      const results = items.map(({ result }) => JSON.stringify(result) ?? null);
      return toSqlOutcomes(items, await ask(call, [orgId, ids, tokens, results]), 'completed');
    },
    fail: finish('fail_jobs', 'failed'),
    release: finish('release_jobs', 'available'),
    snooze: finish('snooze_jobs', 'scheduled'),
    report: finish('report_progress', 'running'),
    cancel: change(`longshore.cancel_jobs($1, $2, 'sql', $3)`),
    retry: change('longshore.retry_jobs($1, $2)'),
    get: (id) => one('id = $2', id),
    getByExternalId: (externalId) => one('external_id = $2', externalId),
    batchStatus: async (batchId) => ({
      batchId,
      ...(await ask<Omit<BatchStatus, 'batchId'>>(batchStatusSql, [orgId, batchId]))[0]!,
    }),
    output: async (id) => {
      const sql = 'select line from longshore.job_output where org_id = $1 and job_id = $2 order by id';
      return (await ask<{ line: string }>(sql, [orgId, id])).map(({ line }) => line);
    },
    pauseQueue: (queue) => setPaused(queue, true),
    resumeQueue: (queue) => setPaused(queue, false),
  };
};

/** What any scheduler could call; each function checks for itself what is due. */
const runDuties = async (db: Database): Promise<void> => {
  const duties = [
    `select longshore.rescue_jobs(org_id, array_agg(id)) from longshore.worker_sessions
     where ended_at is null group by org_id`,
    'select longshore.time_out_jobs(id, 1000) from longshore.orgs',
    'select longshore.unblock_jobs(id, 1000) from longshore.orgs',
    `select longshore.promote_jobs(org_id, array_agg(id)) from longshore.jobs
     where state = 'scheduled' group by org_id`,
  ];
  for (const duty of duties) await askDatabase(db, duty, []);
};

const askDatabase = async <Row extends pg.QueryResultRow>(
  db: Database,
  sql: string,
  values: unknown[],
): Promise<Row[]> => {
  try {
    return (await db.pool.query<Row>(sql, values)).rows;
  } catch (error) {
    const told = toLongshoreError(error);
    // In SQL the field stands in DETAIL and begins with the place in the batch.
    throw new LongshoreError(told.code, told.message, { field: told.field?.replace(/^jobs\[0\]\./, '') });
  }
};
