import {
  attributesOf,
  defaults,
  LongshoreError,
  namesOf,
  type OpenSessionAnswer,
  type OpenSessionInput,
  uuidV7,
} from '@longshore/contract';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from './connect.ts';
import type { SessionFilter } from './lifecycle-types.ts';
import { inOrg, readAs } from './org-scope.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** An open session with what the server lets it serve. */
export interface Session {
  id: string;
  orgId: number;
  workerId: string;
  filter: SessionFilter;
  /** It or its worker has limits, which each claim must count. */
  isLimited: boolean;
}

export interface Sessions {
  /** Throws FORBIDDEN when the worker announces more than its policy allows, NOT_FOUND when it is unknown, revoked or expired. */
  open(orgId: number, workerId: string, input: OpenSessionInput): Promise<OpenSessionAnswer>;
  /** Gives back what the session holds; answers how many jobs. 0 for one that is unknown, ended or of another worker. */
  close(orgId: number, workerId: string, sessionId: string): Promise<number>;
  /** null when the session is unknown or has ended. */
  find(orgId: number, sessionId: string): Promise<Session | null>;
  /** Those of these sessions that have not ended, by id. */
  findAmong(orgId: number, sessionIds: string[]): Promise<Map<string, Session>>;
}

export const createSessions = (db: Database): Sessions => ({
  open: (orgId, workerId, input) =>
    inOrg(db, orgId, async (transaction) => {
      const worker = await lockWorker(transaction, orgId, workerId);
      requireAllowed('kinds', input.kinds, worker.allowed_kinds, []);
      const capabilities = input.capabilities && namesOf(input.capabilities);
      requireAllowed(
        'capabilities',
        capabilities ?? [],
        worker.allowed_capabilities,
        worker.denied_capabilities,
      );
      const announced = JSON.stringify({ kinds: input.kinds, capabilities });
      const categoryLimits = JSON.stringify(input.concurrencyLimits ?? {});
      const leaseSeconds = input.leaseSeconds ?? defaults.leaseSeconds;
      const sessionId = uuidV7();
      await transaction
        .insertInto('longshore.worker_sessions')
        .values({
          org_id: orgId,
          id: sessionId,
          worker_id: workerId,
          announced,
          attributes: JSON.stringify(attributesOf(input.capabilities ?? [])),
          category_limits: categoryLimits,
          ...(await narrow(transaction, orgId, workerId, announced, categoryLimits)),
          queues: input.queues ? [...new Set(input.queues)].sort() : null,
          concurrency: input.concurrency ?? 1,
          lease_seconds: leaseSeconds,
          host: input.host ?? null,
          pid: input.pid ?? null,
          version: input.version ?? null,
          sdk_version: input.sdkVersion ?? null,
          started_at: sql<Date>`longshore.now()`,
          heartbeat_at: sql<Date>`longshore.now()`,
          ended_at: null,
          end_reason: null,
          held_at_end: null,
        })
        .execute();
      return {
        sessionId,
        workerId,
        workerName: worker.name,
        leaseSeconds,
        heartbeatSeconds: leaseSeconds / 3,
      };
    }),

  close: async (orgId, workerId, sessionId) => {
    const owned = db.kysely
      .selectFrom('longshore.worker_sessions')
      .select('id')
      .where('org_id', '=', orgId)
      .where('worker_id', '=', workerId)
      .where('id', '=', sessionId);
    if ((await readAs(db, orgId, owned)).length === 0) return 0;
    const [row] = await query<{ count: number }>(db.pool, 'select longshore.close_session($1, $2) as count', [
      orgId,
      sessionId,
    ]);
    return row!.count;
  },

  find: async (orgId, sessionId) => (await findAmong(db, orgId, [sessionId])).get(sessionId) ?? null,

  findAmong: (orgId, sessionIds) => findAmong(db, orgId, sessionIds),
});

const findAmong = async (
  db: Database,
  orgId: number,
  sessionIds: string[],
): Promise<Map<string, Session>> => {
  const open = db.kysely
    .selectFrom('longshore.worker_sessions')
    .select([
      'id',
      'worker_id',
      'kinds',
      'capabilities',
      'queues',
      'priority_min',
      'priority_max',
      'is_limited',
    ])
    .where('org_id', '=', orgId)
    .where('id', 'in', sessionIds)
    .where('ended_at', 'is', null);
  const rows = await readAs(db, orgId, open);
  return new Map(
    rows.map(({ id, worker_id, kinds, capabilities, queues, priority_min, priority_max, is_limited }) => [
      id,
      {
        id,
        orgId,
        workerId: worker_id,
        filter: { kinds, capabilities, queues, priorityMin: priority_min, priorityMax: priority_max },
        isLimited: is_limited,
      },
    ]),
  );
};

/**
 * The lock lets a revoke wait until the session is there to be closed, and the other way round. A key share lock would not:
 * a revoke changes no key.
 */
const lockWorker = async (transaction: Transaction<Schema>, orgId: number, workerId: string) => {
  const worker = await transaction
    .selectFrom('longshore.workers')
    .select(['name', 'allowed_capabilities', 'denied_capabilities', 'allowed_kinds'])
    .where('org_id', '=', orgId)
    .where('id', '=', workerId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`coalesce(expires_at > longshore.now(), true)`)
    .forShare()
    .executeTakeFirst();
  if (!worker) throw new LongshoreError('NOT_FOUND', 'there is no such worker');
  return worker;
};

const requireAllowed = (
  field: 'kinds' | 'capabilities',
  announced: string[],
  allowed: string[] | null,
  denied: string[],
): void => {
  const excess = announced.findIndex((name) => denied.includes(name) || (allowed && !allowed.includes(name)));
  if (excess === -1) return;
  throw new LongshoreError('FORBIDDEN', `the policy of this worker does not allow it ${announced[excess]}`, {
    field: `${field}[${excess}]`,
    hint: 'Ask an admin to allow it, or start the worker without it.',
  });
};

/** What the session may be given. A statement of its own: it sees the policy that the lock on the worker has waited for. */
const narrow = async (
  transaction: Transaction<Schema>,
  orgId: number,
  workerId: string,
  announced: string,
  categoryLimits: string,
): Promise<Narrowed> => {
  const { rows } = await sql<Narrowed>`
    select narrowed.*
    from longshore.workers
    cross join lateral longshore.narrow_session(workers, ${announced}::jsonb, ${categoryLimits}::jsonb) as narrowed
    where workers.org_id = ${orgId} and workers.id = ${workerId}
  `.execute(transaction);
  return rows[0]!;
};

type Narrowed = Pick<
  Selectable<Schema['longshore.worker_sessions']>,
  'kinds' | 'capabilities' | 'priority_min' | 'priority_max' | 'is_limited'
>;
