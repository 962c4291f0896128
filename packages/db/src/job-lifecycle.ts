import {
  defaults,
  type FinishAnswer,
  type HeartbeatAnswer,
  type JobState,
  limits,
} from '@longshore/contract';
import { jsonArray, uuidArray } from './binary-arrays.ts';
import { createClaims } from './claims.ts';
import type { Database } from './connect.ts';
import { createJobChanges } from './job-changes.ts';
import { type LeaseRow, toFinishAnswers } from './lease-answers.ts';
import type { JobLifecycle, LifecycleOptions } from './lifecycle-types.ts';
import { query } from './query.ts';
import { createRouteBook } from './route-book.ts';
import { storableError, storableText } from './storable-error.ts';
import { createSubmit } from './submit.ts';

/**
 * The verbs: each calls the SQL function of its name in migrations/functions and translates the rows.
 * Nothing else in the system changes a job's state.
 */
export const createJobLifecycle = (db: Database, options: LifecycleOptions = {}): JobLifecycle => {
  const {
    errorBytesMax = limits.errorBytesMax,
    outputLineBytesMax = limits.outputLineBytesMax,
    cancelGraceSeconds = defaults.cancelGraceSeconds,
    ...events
  } = options;
  const routes = createRouteBook(db);

  const call = <Row extends object>(text: string, values: unknown[]): Promise<Row[]> =>
    query<Row>(db.pool, text, values);

  const callWithLeases = async (
    statement: string,
    orgId: number,
    items: { id: string; leaseToken: string }[],
    sent: unknown[],
    stateOfRest: JobState,
  ): Promise<FinishAnswer[]> => {
    const rows = await call<LeaseRow>(statement, [orgId, ...sent]);
    if (rows.some((row) => row.has_dependants)) events.onDependants?.(orgId);
    if (rows.some((row) => row.is_accepted && row.state === 'available')) events.onAvailable?.(orgId);
    return toFinishAnswers(items, rows, stateOfRest);
  };

  return {
    ...createSubmit(db, routes, events),

    ...createClaims(db, routes),

    heartbeat: async (orgId, sessions) => {
      const sent = sessions.map(({ sessionId, held, isDraining, concurrency }) => ({
        session_id: sessionId,
        held: held.map(({ id, leaseToken }) => ({ id, lease_token: leaseToken })),
        is_draining: isDraining,
        concurrency,
      }));
      const rows = await call<HeartbeatAnswer & { session_id: string; has_returned: boolean }>(
        'select * from longshore.heartbeat_sessions($1, $2)',
        [orgId, JSON.stringify(sent)],
      );
      if (rows.some((row) => row.has_returned)) events.onAvailable?.(orgId);
      const bySession = new Map(
        rows.map(({ session_id, lost, cancel, messages }) => [session_id, { lost, cancel, messages }]),
      );
      return sessions.map(({ sessionId }) => bySession.get(sessionId) ?? null);
    },

    complete: (orgId, items) =>
      callWithLeases(
        'select * from longshore.complete_jobs($1, $2, $3, $4)',
        orgId,
        items,
        [
          uuidArray(items.map(({ id }) => id)),
          uuidArray(items.map(({ leaseToken }) => leaseToken)),
          jsonArray(items.map(({ result, resultText }) => resultText ?? JSON.stringify(result) ?? 'null')),
        ],
        'completed',
      ),

    fail: (orgId, items) =>
      callWithLeases(
        'select * from longshore.fail_jobs($1, $2)',
        orgId,
        items,
        asJson(
          items.map(({ id, leaseToken, error, isRetryable, retryAfterSeconds }) => ({
            id,
            lease_token: leaseToken,
            error: storableError(error, errorBytesMax),
            is_retryable: isRetryable,
            retry_after_seconds: retryAfterSeconds,
          })),
        ),
        'failed',
      ),

    release: (orgId, items) =>
      callWithLeases(
        'select * from longshore.release_jobs($1, $2)',
        orgId,
        items,
        asJson(items.map(({ id, leaseToken }) => ({ id, lease_token: leaseToken }))),
        'available',
      ),

    snooze: (orgId, items) =>
      callWithLeases(
        'select * from longshore.snooze_jobs($1, $2)',
        orgId,
        items,
        asJson(
          items.map(({ id, leaseToken, delaySeconds }) => ({
            id,
            lease_token: leaseToken,
            delay_seconds: delaySeconds,
          })),
        ),
        'scheduled',
      ),

    report: (orgId, items) =>
      callWithLeases(
        'select * from longshore.report_progress($1, $2)',
        orgId,
        items,
        asJson(
          items.map(({ id, leaseToken, seq, progress, output }) => ({
            id,
            lease_token: leaseToken,
            seq,
            progress,
            output:
              output?.map(({ stream, text }) => ({
                stream,
                text: storableText(text, outputLineBytesMax),
              })) ?? [],
          })),
        ),
        'running',
      ),

    ...createJobChanges(db, events),

    rescue: async (orgId, sessionIds) => {
      const rescued = await count('select longshore.rescue_jobs($1, $2) as count', [orgId, sessionIds]);
      if (rescued > 0) {
        events.onNews?.(sessionIds);
        events.onAvailable?.(orgId);
        events.onDependants?.(orgId);
      }
      return rescued;
    },

    timeOut: async (orgId) => {
      const ended = await call<{ session_id: string }>('select * from longshore.time_out_jobs($1, $2, $3)', [
        orgId,
        1_000,
        cancelGraceSeconds,
      ]);
      if (ended.length > 0) {
        events.onNews?.(ended.map((row) => row.session_id));
        events.onAvailable?.(orgId);
        events.onDependants?.(orgId);
      }
      return ended.length;
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
      let rowsDeleted = 0;
      for (let batch = 1; batch > 0; rowsDeleted += batch) {
        batch = await count('select longshore.prune_rows($1, $2) as count', [keepDays, 1_000]);
      }
      const partitionsDropped = await count('select longshore.drop_old_partitions($1) as count', [keepDays]);
      return { partitionsDropped, rowsDeleted };
    },
  };

  async function count(text: string, values: unknown[]): Promise<number> {
    const [row] = await call<{ count: number }>(text, values);
    return row!.count;
  }
};

/** The items of a verb that takes them as one array of objects. */
const asJson = (items: object[]): [string] => [JSON.stringify(items)];
