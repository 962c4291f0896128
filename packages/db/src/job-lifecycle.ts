import { randomBytes } from 'node:crypto';
import {
  type ClaimedJob,
  type FinishAnswer,
  type HeartbeatAnswer,
  type JobState,
  limits,
} from '@longshore/contract';
import { type ClaimedRow, toClaimedJobs } from './claimed-jobs.ts';
import type { Database } from './connect.ts';
import { type LeaseRow, storableText, toFinishAnswers, toStateAnswers } from './lease-answers.ts';
import type { JobLifecycle, LifecycleEvents } from './lifecycle-types.ts';
import { query } from './query.ts';
import { createRouteBook } from './route-book.ts';
import { isPlain, type SubmitItem, type SubmitRow, toSubmitAnswers, toSubmitItem } from './submit-items.ts';

/**
 * The verbs: each calls the SQL function of its name in migrations/functions and translates the rows.
 * Nothing else in the system changes a job's state.
 */
export const createJobLifecycle = (db: Database, events: LifecycleEvents = {}): JobLifecycle => {
  const routes = createRouteBook(db);

  const call = <Row extends object>(text: string, values: unknown[]): Promise<Row[]> =>
    query<Row>(db.pool, text, values);

  const callWithLeases = async (
    verb: string,
    orgId: number,
    items: { id: string; leaseToken: string }[],
    sent: object[],
    stateOfRest: JobState,
  ): Promise<FinishAnswer[]> => {
    const rows = await call<LeaseRow>(`select * from longshore.${verb}($1, $2)`, [
      orgId,
      JSON.stringify(sent),
    ]);
    if (rows.some((row) => row.has_dependants)) events.onDependants?.(orgId);
    if (rows.some((row) => row.is_accepted && row.state === 'available')) events.onAvailable?.(orgId);
    return toFinishAnswers(items, rows, stateOfRest);
  };

  return {
    submit: async (orgId, jobs, { isAtomic, createdBy }) => {
      const routeIds = await routes.idsFor(orgId, jobs);
      const items = jobs.map((job, place) => toSubmitItem(job, routeIds[place]!));
      const rows = items.every(isPlain)
        ? await insertPlain(orgId, items, createdBy)
        : await submitItems(orgId, items, createdBy, isAtomic);
      if (items.some((item) => item.depends_on ?? item.after_batch)) events.onDependants?.(orgId);
      return toSubmitAnswers(items, rows);
    },

    claim: async (orgId, { filter, seats, floors }) => {
      const rows = await call<ClaimedRow>(
        'select * from longshore.claim_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        [
          orgId,
          seats.map((seat) => seat.sessionId),
          seats.map((seat) => seat.limit),
          randomBytes(16),
          filter.kinds,
          filter.capabilities,
          filter.queues,
          floors.map((floor) => floor.routeId),
          floors.map((floor) => floor.floor),
        ],
      );
      const claimed = new Map<string, ClaimedJob[]>();
      if (rows.length === 0) return claimed;
      return toClaimedJobs(
        rows,
        await routes.byId(
          orgId,
          rows.map((row) => row.route_id),
        ),
      );
    },

    claimFloors: async (orgId, filter, floors) => {
      const rows = await call<{
        route_id: number;
        first_key: string;
        snapshot_min: string;
        snapshot_max: string;
      }>('select * from longshore.claim_floors($1, $2, $3, $4, $5, $6)', [
        orgId,
        filter.kinds,
        filter.capabilities,
        filter.queues,
        floors.map((f) => f.routeId),
        floors.map((f) => f.floor),
      ]);
      return {
        xmin: rows[0]?.snapshot_min ?? '0',
        xmax: rows[0]?.snapshot_max ?? '0',
        lanes: rows.map((row) => ({ routeId: row.route_id, firstKey: row.first_key })),
      };
    },

    heartbeat: async (orgId, sessions) => {
      const sent = sessions.map(({ sessionId, held }) => ({
        session_id: sessionId,
        held: held.map(({ id, leaseToken }) => ({ id, lease_token: leaseToken })),
      }));
      const rows = await call<HeartbeatAnswer & { session_id: string; has_returned: boolean }>(
        'select * from longshore.heartbeat_sessions($1, $2)',
        [orgId, JSON.stringify(sent)],
      );
      if (rows.some((row) => row.has_returned)) events.onAvailable?.(orgId);
      const bySession = new Map(rows.map(({ session_id, lost, cancel }) => [session_id, { lost, cancel }]));
      return sessions.map(({ sessionId }) => bySession.get(sessionId) ?? null);
    },

    complete: (orgId, items) =>
      callWithLeases(
        'complete_jobs',
        orgId,
        items,
        items.map(({ id, leaseToken, result }) => ({ id, lease_token: leaseToken, result })),
        'completed',
      ),

    fail: (orgId, items) =>
      callWithLeases(
        'fail_jobs',
        orgId,
        items,
        items.map(({ id, leaseToken, error, isRetryable, retryAfterSeconds }) => ({
          id,
          lease_token: leaseToken,
          error: {
            ...error,
            message: storableText(error.message, limits.errorBytesMax / 4),
            ...(error.stack !== undefined && { stack: storableText(error.stack, limits.errorBytesMax / 2) }),
            ...(error.name !== undefined && { name: storableText(error.name, limits.nameCharsMax) }),
            ...(error.code !== undefined && { code: storableText(error.code, limits.nameCharsMax) }),
          },
          is_retryable: isRetryable,
          retry_after_seconds: retryAfterSeconds,
        })),
        'failed',
      ),

    release: (orgId, items) =>
      callWithLeases(
        'release_jobs',
        orgId,
        items,
        items.map(({ id, leaseToken }) => ({ id, lease_token: leaseToken })),
        'available',
      ),

    snooze: (orgId, items) =>
      callWithLeases(
        'snooze_jobs',
        orgId,
        items,
        items.map(({ id, leaseToken, delaySeconds }) => ({
          id,
          lease_token: leaseToken,
          delay_seconds: delaySeconds,
        })),
        'scheduled',
      ),

    report: (orgId, items) =>
      callWithLeases(
        'report_progress',
        orgId,
        items,
        items.map(({ id, leaseToken, progress, output }) => ({
          id,
          lease_token: leaseToken,
          progress,
          output:
            output?.map(({ stream, text }) => ({
              stream,
              text: storableText(text, limits.outputLineBytesMax),
            })) ?? [],
        })),
        'running',
      ),

    cancel: async (orgId, ids, { cancelledBy, reason }) => {
      const rows = await call<StateRow>('select * from longshore.cancel_jobs($1, $2, $3, $4)', [
        orgId,
        ids,
        cancelledBy,
        reason,
      ]);
      if (rows.some((row) => row.state === 'cancelled')) events.onDependants?.(orgId);
      return toStateAnswers(rows, 'cancelled');
    },

    retry: async (orgId, ids) => {
      const rows = await call<StateRow>('select * from longshore.retry_jobs($1, $2)', [orgId, ids]);
      if (rows.some((row) => row.is_accepted)) events.onAvailable?.(orgId);
      return toStateAnswers(rows, 'retried');
    },

    rescue: async (orgId, sessionIds) => {
      const rescued = await count('select longshore.rescue_jobs($1, $2) as count', [orgId, sessionIds]);
      if (rescued > 0) {
        events.onAvailable?.(orgId);
        events.onDependants?.(orgId);
      }
      return rescued;
    },

    timeOut: async (orgId) => {
      const ended = await count('select longshore.time_out_jobs($1, $2) as count', [orgId, 1_000]);
      if (ended > 0) {
        events.onAvailable?.(orgId);
        events.onDependants?.(orgId);
      }
      return ended;
    },

    promote: async (orgId, jobIds) => {
      const promoted = await count('select longshore.promote_jobs($1, $2) as count', [orgId, jobIds]);
      if (promoted > 0) events.onAvailable?.(orgId);
      return promoted;
    },

    unblock: async (orgId) => {
      let total = 0;
      for (let batch = 1_000; batch === 1_000; total += batch) {
        batch = await count('select longshore.unblock_jobs($1, $2) as count', [orgId, 1_000]);
      }
      if (total > 0) events.onAvailable?.(orgId);
      return total;
    },

    ensurePartitions: async () => {
      await call('select longshore.ensure_partitions()', []);
    },

    prune: async ({ keepDays }) => {
      const [row] = await call<{ partitions_dropped: number; rows_deleted: number }>(
        'select * from longshore.prune_history($1, $2)',
        [keepDays, 10_000],
      );
      return { partitionsDropped: row!.partitions_dropped, rowsDeleted: row!.rows_deleted };
    },
  };

  function submitItems(
    orgId: number,
    items: SubmitItem[],
    createdBy: string | null,
    isAtomic: boolean,
  ): Promise<SubmitRow[]> {
    return call<SubmitRow>('select * from longshore.submit_jobs($1, $2, $3, $4)', [
      orgId,
      JSON.stringify(items),
      createdBy,
      isAtomic,
    ]);
  }

  /** One statement for jobs that need no more; an id that turns out to be taken goes the long way. */
  async function insertPlain(
    orgId: number,
    items: SubmitItem[],
    createdBy: string | null,
  ): Promise<SubmitRow[]> {
    const rows = await call<SubmitRow>(plainSubmit, [orgId, JSON.stringify(items), createdBy]);
    if (rows.length === items.length) return rows;
    const inserted = new Set(rows.map((row) => row.item_id));
    const taken = items.filter((item) => !inserted.has(item.id));
    return [...rows, ...(await submitItems(orgId, taken, createdBy, false))];
  }

  async function count(text: string, values: unknown[]): Promise<number> {
    const [row] = await call<{ count: number }>(text, values);
    return row!.count;
  }
};

const plainSubmit = `select id as item_id, id as job_id, state, true as is_new, null as error_code
  from longshore.insert_jobs($1, $2, $3)`;

interface StateRow {
  id: string;
  state: JobState | null;
  is_accepted: boolean;
}
