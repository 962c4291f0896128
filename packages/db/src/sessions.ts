import {
  defaults,
  LongshoreError,
  type OpenSessionAnswer,
  type OpenSessionInput,
  uuidV7,
} from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
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
}

export interface Sessions {
  /** Throws FORBIDDEN when the worker announces a capability it may not have, NOT_FOUND when it is unknown or revoked. */
  open(orgId: number, workerId: string, input: OpenSessionInput): Promise<OpenSessionAnswer>;
  /** Gives back what the session holds; answers how many jobs. 0 for one that is unknown, ended or of another worker. */
  close(orgId: number, workerId: string, sessionId: string): Promise<number>;
  /** null when the session is unknown or has ended. */
  find(orgId: number, sessionId: string): Promise<Session | null>;
  /** Which of these sessions have not ended. */
  openAmong(orgId: number, sessionIds: string[]): Promise<Set<string>>;
}

export const createSessions = (db: Database): Sessions => ({
  open: (orgId, workerId, input) =>
    inOrg(db, orgId, async (transaction) => {
      const worker = await lockWorker(transaction, orgId, workerId);
      const capabilities = [...new Set(input.capabilities)].sort();
      requireAllowed(capabilities, worker.allowed_capabilities);
      const leaseSeconds = input.leaseSeconds ?? defaults.leaseSeconds;
      const sessionId = uuidV7();
      await transaction
        .insertInto('longshore.worker_sessions')
        .values({
          org_id: orgId,
          id: sessionId,
          worker_id: workerId,
          kinds: [...new Set(input.kinds)].sort(),
          capabilities,
          queues: input.queues ? [...new Set(input.queues)].sort() : null,
          concurrency: input.concurrency ?? 1,
          lease_seconds: leaseSeconds,
          host: input.host ?? null,
          pid: input.pid ?? null,
          version: input.version ?? null,
          started_at: sql<Date>`longshore.now()`,
          heartbeat_at: sql<Date>`longshore.now()`,
          ended_at: null,
          end_reason: null,
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

  find: async (orgId, sessionId) => {
    const open = db.kysely
      .selectFrom('longshore.worker_sessions')
      .select(['id', 'worker_id', 'kinds', 'capabilities', 'queues'])
      .where('org_id', '=', orgId)
      .where('id', '=', sessionId)
      .where('ended_at', 'is', null);
    const [row] = await readAs(db, orgId, open);
    return row
      ? {
          id: row.id,
          orgId,
          workerId: row.worker_id,
          filter: { kinds: row.kinds, capabilities: row.capabilities, queues: row.queues },
        }
      : null;
  },

  openAmong: async (orgId, sessionIds) => {
    const open = db.kysely
      .selectFrom('longshore.worker_sessions')
      .select('id')
      .where('org_id', '=', orgId)
      .where('id', 'in', sessionIds)
      .where('ended_at', 'is', null);
    return new Set((await readAs(db, orgId, open)).map(({ id }) => id));
  },
});

/**
 * The lock lets a revoke wait until the session is there to be closed, and the other way round. A key share lock would not:
 * a revoke changes no key.
 */
const lockWorker = async (transaction: Transaction<Schema>, orgId: number, workerId: string) => {
  const worker = await transaction
    .selectFrom('longshore.workers')
    .select(['name', 'allowed_capabilities'])
    .where('org_id', '=', orgId)
    .where('id', '=', workerId)
    .where('revoked_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (!worker) throw new LongshoreError('NOT_FOUND', 'there is no such worker');
  return worker;
};

const requireAllowed = (capabilities: string[], allowed: string[] | null): void => {
  const excess = allowed && capabilities.find((capability) => !allowed.includes(capability));
  if (excess) {
    throw new LongshoreError('FORBIDDEN', 'this worker may not have that capability', {
      field: `capabilities[${capabilities.indexOf(excess)}]`,
      hint: 'Ask an admin to allow it, or start the worker without it.',
    });
  }
};
