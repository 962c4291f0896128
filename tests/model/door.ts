import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Actor, Lease, LeaseAnswer } from '../races/actor.ts';
import type { SubmitRequest } from './verbs.ts';
import { keyHoldSeconds } from './verbs.ts';
import type { ModelLease } from './world.ts';

/** The tokens behind the leases that claims gave out, by job and epoch. */
export interface LeaseBook {
  note(lease: ModelLease, token: string): void;
  /** The real lease; one that never was gets a token of nobody's. */
  toLease(lease: ModelLease): Lease;
}

export const createLeaseBook = (): LeaseBook => {
  const tokens = new Map<string, string>();
  const nameOf = ({ id, epoch }: ModelLease): string => `${id} ${epoch}`;
  return {
    note: (lease, token) => void tokens.set(nameOf(lease), token),
    toLease: (lease) => ({ id: lease.id, lease_token: tokens.get(nameOf(lease)) ?? randomUUID() }),
  };
};

/** The verbs of the database, answering in the words of verbs.ts. */
export type Door = ReturnType<typeof createDoor>;

export const createDoor = (actor: Actor, book: LeaseBook) => {
  /** `stateOfUnnamed`: of a job that the verb does not mention, as it took what it was sent. */
  const finish = async (
    leases: readonly ModelLease[],
    call: (leases: Lease[]) => Promise<LeaseAnswer[]>,
    stateOfUnnamed: string,
  ): Promise<string[]> => {
    const given = leases.map(book.toLease);
    const rows = await call(given);
    return given.map((lease) => {
      const own = rows.find((row) => row.lease_token === lease.lease_token);
      if (own) return `${own.is_accepted ? 'taken' : 'lost'} ${own.state}`;
      const taken = rows.find((row) => row.id === lease.id && row.lease_token === null);
      return `taken ${taken?.state ?? stateOfUnnamed}`;
    });
  };
  const oneByOne = (ids: readonly string[], rows: LeaseAnswer[]): string[] =>
    ids.map((id) => {
      const row = rows.find((each) => each.id === id)!;
      return `${row.is_accepted ? 'taken' : 'refused'} ${row.state}`;
    });

  return {
    complete: (leases: readonly ModelLease[]) =>
      finish(leases, (given) => actor.complete(given), 'completed'),
    fail: (leases: readonly ModelLease[], how: { isRetryable: boolean; delaySeconds: number }) =>
      finish(
        leases,
        (given) => actor.fail(given, { isRetryable: how.isRetryable, retryAfterSeconds: how.delaySeconds }),
        'unknown',
      ),
    release: (leases: readonly ModelLease[]) => finish(leases, actor.release, 'unknown'),
    snooze: (leases: readonly ModelLease[], delaySeconds: number) =>
      finish(leases, (given) => actor.snooze(given, delaySeconds), 'unknown'),
    report: (leases: readonly ModelLease[]) => finish(leases, actor.report, 'running'),
    heartbeat: async (sessionId: string, held: readonly ModelLease[]): Promise<string> => {
      const [beat] = await actor.heartbeat([{ sessionId, held: held.map(book.toLease) }]);
      if (!beat) return 'gone';
      return `lost ${beat.lost.length} cancel ${beat.cancel.length} returned ${beat.has_returned}`;
    },
    cancel: async (ids: readonly string[]) => oneByOne(ids, await actor.cancel([...ids])),
    retry: async (ids: readonly string[]) => oneByOne(ids, await actor.retry([...ids])),
    rescue: (sessionIds: readonly string[]) => actor.rescue([...sessionIds]),
    timeOut: () => actor.timeOut(),
    promote: (ids: readonly string[]) => actor.promote([...ids]),
    unblockAll: () => actor.unblock(),
    closeSession: (sessionId: string) => actor.closeSession(sessionId),
    revokeWorker: async (workerId: string) => {
      await actor.revokeWorker(workerId);
      return 'revoked';
    },
    claim: async (sessionIds: readonly string[], limit: number) => {
      const sessions = [...new Set(sessionIds)];
      const rows = await actor.claimFor(sessions, limit);
      for (const row of rows) book.note(row, row.lease_token);
      return sessions.map((sessionId) => ({
        sessionId,
        ids: rows.filter((row) => row.session_id === sessionId).map(({ id }) => id),
      }));
    },
    submit: async (requests: readonly SubmitRequest[]): Promise<string[]> => {
      const rows = await actor.run(submitMany, [actor.orgId, JSON.stringify(requests.map(toItem))]);
      return requests.map(({ id }) => describe(rows.find((row) => row.item_id === id)!));
    },
    pause: async (isPaused: boolean) => {
      await actor.run(pauseQueue, [actor.orgId, isPaused]);
      return 'paused';
    },
  };
};

const toItem = (request: SubmitRequest) => ({
  id: request.id,
  priority: request.priority ?? 0,
  payload: null,
  max_attempts: request.maxAttempts ?? 3,
  is_repeat: request.isRepeat ?? false,
  delay_seconds: request.delaySeconds ?? null,
  timeout_seconds: request.timeoutSeconds ?? null,
  depends_on: request.dependsOn?.length ? request.dependsOn : null,
  on_dependency_failure: request.onDependencyFailure ?? null,
  idempotency_key: request.key ?? null,
  idempotency_key_seconds: request.key === undefined ? null : keyHoldSeconds,
});

const describe = ({ error_code, is_new, state, job_id }: pg.QueryResultRow): string => {
  if (error_code !== null) return error_code === 'IDEMPOTENCY_CONFLICT' ? 'conflict' : error_code;
  return is_new ? `new ${state}` : `same ${job_id}`;
};

const submitMany = `
  select answers.*
  from (
    select json_agg(items.value::jsonb || jsonb_build_object('route_id', longshore.ensure_route(
      $1, 'default', 'work', (items.value ->> 'priority')::smallint, '{}', null
    ))) as jobs
    from json_array_elements($2) as items
  ) as batch
  cross join lateral longshore.submit_jobs($1, batch.jobs, null, false) as answers`;

const pauseQueue = `
  insert into longshore.queues (org_id, name, paused_at)
  values ($1, 'default', case when $2 then longshore.now() end)
  on conflict (org_id, name) do update set paused_at = excluded.paused_at`;
