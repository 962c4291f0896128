import {
  type ApiKey,
  type CreatedApiKey,
  LongshoreError,
  type Org,
  type RegisteredWorker,
  type RegisterWorkerInput,
  type Role,
  uuidV7,
  type Worker,
} from '@longshore/contract';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { generateApiKey, hashApiKey } from './api-key.ts';
import type { Database } from './connect.ts';
import { query, translateErrors } from './query.ts';
import type { Schema } from './schema.ts';
import { listWorkers } from './worker-list.ts';

/** Who a key speaks for. */
export interface Principal {
  keyId: string;
  orgId: number;
  orgSlug: string;
  role: Role;
  workerId: string | null;
}

/** Orgs, keys, workers and queues. Keys are returned once and stored as hashes. */
export interface Admin {
  /** Throws CONFLICT when the slug is taken. */
  createOrg(slug: string): Promise<Org>;
  /** The org and its first admin key, both or neither. Throws CONFLICT when the slug is taken. */
  createOrgWithAdminKey(slug: string): Promise<Org & { adminKey: string }>;
  listOrgs(): Promise<Org[]>;
  /** Throws NOT_FOUND. */
  orgIdOf(slug: string): Promise<number>;
  createKey(orgId: number, input: { role: Exclude<Role, 'worker'>; name: string }): Promise<CreatedApiKey>;
  listKeys(orgId: number): Promise<ApiKey[]>;
  /** Throws NOT_FOUND. A key that is revoked already stays so. */
  revokeKey(orgId: number, id: string): Promise<void>;
  findKeyByHash(hash: Buffer): Promise<Principal | null>;
  registerWorker(orgId: number, input: RegisterWorkerInput): Promise<RegisteredWorker>;
  listWorkers(orgId: number): Promise<Worker[]>;
  /** Revokes the worker's keys and takes its jobs back, unspent. Throws NOT_FOUND. */
  revokeWorker(orgId: number, id: string): Promise<void>;
  pauseQueue(orgId: number, queue: string): Promise<void>;
  resumeQueue(orgId: number, queue: string): Promise<void>;
}

type OrgRow = Selectable<Schema['longshore.orgs']>;

/** The id of the org that owns operator keys. */
export const systemOrgId = 0;

export const createAdmin = (db: Database): Admin => {
  const inTransaction = <Answer>(
    work: (transaction: Transaction<Schema>) => Promise<Answer>,
  ): Promise<Answer> => translateErrors(() => db.kysely.transaction().execute(work));

  const setPaused = (orgId: number, queue: string, isPaused: boolean): Promise<void> =>
    translateErrors(async () => {
      const pausedAt = isPaused ? sql<Date>`longshore.now()` : null;
      await db.kysely
        .insertInto('longshore.queues')
        .values({ org_id: orgId, name: queue, paused_at: pausedAt })
        .onConflict((conflict) => conflict.columns(['org_id', 'name']).doUpdateSet({ paused_at: pausedAt }))
        .execute();
    });

  return {
    createOrg: (slug) => translateErrors(async () => toOrg(await insertOrg(db.kysely, slug))),

    createOrgWithAdminKey: (slug) =>
      inTransaction(async (transaction) => {
        const org = await insertOrg(transaction, slug);
        const { apiKey } = await insertKey(transaction, org.id, 'admin', 'first admin key', null);
        return { ...toOrg(org), adminKey: apiKey };
      }),

    listOrgs: () =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.orgs')
          .selectAll()
          .where('id', '<>', systemOrgId)
          .orderBy('slug')
          .execute();
        return rows.map(toOrg);
      }),

    orgIdOf: (slug) =>
      translateErrors(async () => {
        const row = await db.kysely
          .selectFrom('longshore.orgs')
          .select('id')
          .where('slug', '=', slug)
          .executeTakeFirst();
        if (!row) throw new LongshoreError('NOT_FOUND', 'there is no such org', { field: 'org' });
        return row.id;
      }),

    createKey: (orgId, { role, name }) =>
      translateErrors(() => insertKey(db.kysely, orgId, role, name, null)),

    listKeys: (orgId) =>
      translateErrors(async () => {
        const rows = await db.kysely
          .selectFrom('longshore.api_keys')
          .select(['id', 'role', 'name', 'last4', 'created_at', 'revoked_at'])
          .where('org_id', '=', orgId)
          .orderBy('id')
          .execute();
        return rows.map(({ created_at, revoked_at, ...key }) => ({
          ...key,
          createdAt: created_at.toISOString(),
          revokedAt: revoked_at?.toISOString() ?? null,
        }));
      }),

    revokeKey: (orgId, id) =>
      translateErrors(async () => {
        const row = await db.kysely
          .updateTable('longshore.api_keys')
          .set({ revoked_at: sql<Date>`coalesce(revoked_at, longshore.now())` })
          .where('org_id', '=', orgId)
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw new LongshoreError('NOT_FOUND', 'there is no such key', { field: 'id' });
      }),

    findKeyByHash: (hash) =>
      translateErrors(async () => {
        const row = await db.kysely
          .selectFrom('longshore.api_keys as keys')
          .innerJoin('longshore.orgs as orgs', 'orgs.id', 'keys.org_id')
          .select(['keys.id', 'keys.org_id', 'orgs.slug', 'keys.role', 'keys.worker_id'])
          .where('keys.hash', '=', hash)
          .where('keys.revoked_at', 'is', null)
          .executeTakeFirst();
        return row
          ? { keyId: row.id, orgId: row.org_id, orgSlug: row.slug, role: row.role, workerId: row.worker_id }
          : null;
      }),

    registerWorker: (orgId, { name, allowedCapabilities }) =>
      inTransaction(async (transaction) => {
        const id = uuidV7();
        await transaction
          .insertInto('longshore.workers')
          .values({
            org_id: orgId,
            id,
            name,
            allowed_capabilities: allowedCapabilities ?? null,
            revoked_at: null,
          })
          .execute();
        const { apiKey } = await insertKey(transaction, orgId, 'worker', name, id);
        return { id, name, apiKey };
      }),

    listWorkers: (orgId) => listWorkers(db, orgId),

    revokeWorker: async (orgId, id) => {
      const rows = await query<{ is_known: boolean }>(
        db.pool,
        'select longshore.revoke_worker($1, $2) as is_known',
        [orgId, id],
      );
      if (!rows[0]!.is_known)
        throw new LongshoreError('NOT_FOUND', 'there is no such worker', { field: 'id' });
    },

    pauseQueue: (orgId, queue) => setPaused(orgId, queue, true),
    resumeQueue: (orgId, queue) => setPaused(orgId, queue, false),
  };
};

const insertOrg = async (kysely: Kysely<Schema>, slug: string): Promise<OrgRow> => {
  const row = await kysely
    .insertInto('longshore.orgs')
    .values({ slug })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  throw new LongshoreError('CONFLICT', 'this slug is taken', { field: 'slug', hint: 'Choose another.' });
};

const toOrg = ({ slug, created_at }: OrgRow): Org => ({ slug, createdAt: created_at.toISOString() });

const insertKey = async (
  kysely: Kysely<Schema>,
  orgId: number,
  role: Role,
  name: string,
  workerId: string | null,
): Promise<CreatedApiKey> => {
  const apiKey = generateApiKey(role);
  const last4 = apiKey.slice(-4);
  const row = await kysely
    .insertInto('longshore.api_keys')
    .values({
      org_id: orgId,
      id: uuidV7(),
      role,
      name,
      hash: hashApiKey(apiKey),
      last4,
      worker_id: workerId,
      revoked_at: null,
    })
    .returning(['id', 'created_at'])
    .executeTakeFirstOrThrow();
  return { id: row.id, role, name, last4, createdAt: row.created_at.toISOString(), revokedAt: null, apiKey };
};
