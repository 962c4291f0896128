import {
  type ApiKey,
  type CreatedApiKey,
  LongshoreError,
  type RateLimits,
  type Role,
  uuidV7,
} from '@longshore/contract';
import { type Selectable, sql, type Transaction } from 'kysely';
import { generateApiKey, hashApiKey } from './api-key.ts';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg, readAs } from './org-scope.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** Who a key speaks for. */
export interface Principal {
  keyId: string;
  keyName: string;
  orgId: number;
  orgSlug: string;
  role: Role;
  workerId: string | null;
  /** The key's own, over those of the deployment. */
  rateLimits: RateLimits;
}

/** The keys of an org. They are returned once and stored as hashes. */
export interface Keys {
  createKey(orgId: number, input: { role: Exclude<Role, 'worker'>; name: string }): Promise<CreatedApiKey>;
  listKeys(orgId: number): Promise<ApiKey[]>;
  /** Throws NOT_FOUND. A key that is revoked already stays so. */
  revokeKey(orgId: number, id: string): Promise<void>;
}

export const createKeys = (db: Database, actor: Actor): Keys => ({
  createKey: (orgId, { role, name }) =>
    inOrg(db, orgId, async (transaction) => {
      const key = await insertKey(transaction, orgId, { role, name });
      await appendAudit(transaction, orgId, actor, {
        action: 'keys.create',
        target: key.id,
        after: { role, name },
      });
      return key;
    }),

  listKeys: async (orgId) => {
    const keys = db.kysely
      .selectFrom('longshore.api_keys')
      .select(listed)
      .where('org_id', '=', orgId)
      .orderBy('id');
    return (await readAs(db, orgId, keys)).map(toApiKey);
  },

  revokeKey: (orgId, id) =>
    inOrg(db, orgId, async (transaction) => {
      const row = await transaction
        .updateTable('longshore.api_keys')
        .set({ revoked_at: sql<Date>`coalesce(revoked_at, longshore.now())` })
        .where('org_id', '=', orgId)
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      if (!row) throw new LongshoreError('NOT_FOUND', 'there is no such key', { field: 'id' });
      await appendAudit(transaction, orgId, actor, { action: 'keys.revoke', target: id });
    }),
});

/** Whose key has this hash, if it may be used now. */
export const findKeyByHash = async (db: Database, hash: Buffer): Promise<Principal | null> => {
  const [row] = await query<KeyRow>(db.pool, 'select * from longshore.find_key($1)', [hash]);
  return row
    ? {
        keyId: row.id,
        keyName: row.name,
        orgId: row.org_id,
        orgSlug: row.org_slug,
        role: row.role,
        workerId: row.worker_id,
        rateLimits: row.rate_limits,
      }
    : null;
};

/** Makes a key in the org that the transaction has entered. */
export const insertKey = async (
  transaction: Transaction<Schema>,
  orgId: number,
  { role, name, workerId = null }: { role: Role; name: string; workerId?: string | null },
): Promise<CreatedApiKey> => {
  const apiKey = generateApiKey(role);
  const row = await transaction
    .insertInto('longshore.api_keys')
    .values({
      org_id: orgId,
      id: uuidV7(),
      role,
      name,
      hash: hashApiKey(apiKey),
      start: apiKey.slice(0, -49),
      last4: apiKey.slice(-4),
      worker_id: workerId,
    })
    .returning(listed)
    .executeTakeFirstOrThrow();
  return { ...toApiKey(row), apiKey };
};

interface KeyRow {
  id: string;
  name: string;
  org_id: number;
  org_slug: string;
  role: Role;
  worker_id: string | null;
  rate_limits: RateLimits;
}

/** Everything but the hash, which no API process may read. */
const listed = ['id', 'role', 'name', 'last4', 'created_at', 'revoked_at'] as const;

const toApiKey = (row: Pick<Selectable<Schema['longshore.api_keys']>, (typeof listed)[number]>): ApiKey => ({
  id: row.id,
  role: row.role,
  name: row.name,
  last4: row.last4,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
