import {
  type ApiKey,
  type CreatedApiKey,
  type CreateKeyWithHashInput,
  LongshoreError,
  overlapSecondsDefault,
  type Role,
  type RotatedApiKey,
  type RotateKeyInput,
} from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { KeyFormat } from './api-key.ts';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { decodeKeyHash } from './key-hash.ts';
import { fromNow, insertGivenKey, insertKey, type ListedKey, listed, toApiKey } from './key-rows.ts';
import { inOrg, readAs } from './org-scope.ts';
import type { Schema } from './schema.ts';

export interface NewKey {
  role: Exclude<Role, 'worker'>;
  name: string;
  expiresInSeconds?: number | undefined;
}

/** The keys of an org. They are returned once and stored as hashes. */
export interface Keys {
  createKey(orgId: number, input: NewKey): Promise<CreatedApiKey>;
  /** For a key that was made elsewhere. Throws INVALID_INPUT for what is no hash, CONFLICT for one that is known. */
  createKeyWithHash(orgId: number, input: CreateKeyWithHashInput): Promise<ApiKey>;
  listKeys(orgId: number): Promise<ApiKey[]>;
  /** A new key in the place of an old one, which works on for a while. Throws NOT_FOUND, INVALID_STATE. */
  rotateKey(orgId: number, input: RotateKeyInput): Promise<RotatedApiKey>;
  /** With the last usable key of a worker its sessions end too. Throws NOT_FOUND. A key that is revoked already stays so. */
  revokeKey(orgId: number, id: string): Promise<void>;
}

export const createKeys = (db: Database, actor: Actor, keyFormat: KeyFormat): Keys => ({
  createKey: (orgId, { role, name, expiresInSeconds }) =>
    inOrg(db, orgId, async (transaction) => {
      const expiresAt = fromNow(expiresInSeconds);
      const key = await insertKey(transaction, orgId, keyFormat, { role, name, expiresAt });
      await appendAudit(transaction, orgId, actor, {
        action: 'keys.create',
        target: key.id,
        after: { role, name, expiresAt: key.expiresAt },
      });
      return key;
    }),

  createKeyWithHash: (orgId, { role, name, expiresInSeconds, keyHash, encoding, keyStart = null }) =>
    inOrg(db, orgId, async (transaction) => {
      const given = { hash: decodeKeyHash(keyHash, encoding), start: keyStart };
      const expiresAt = fromNow(expiresInSeconds);
      const key = await insertGivenKey(transaction, orgId, given, { role, name, expiresAt });
      await appendAudit(transaction, orgId, actor, {
        action: 'keys.createWithHash',
        target: key.id,
        after: { role, name, expiresAt: key.expiresAt },
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

  rotateKey: (orgId, { id, overlapSeconds = overlapSecondsDefault, expiresInSeconds }) =>
    inOrg(db, orgId, async (transaction) => {
      const old = await lockUsable(transaction, orgId, id);
      const key = await insertKey(transaction, orgId, keyFormat, {
        role: old.role,
        name: old.name,
        workerId: old.worker_id,
        rateLimits: old.rate_limits,
        metadata: old.metadata,
        rotatedFrom: id,
        expiresAt: fromNow(expiresInSeconds) ?? (await intendedEnd(transaction, orgId, old)),
      });
      const oldKeyExpiresAt = await endLater(transaction, orgId, id, overlapSeconds);
      await appendAudit(transaction, orgId, actor, {
        action: 'keys.rotate',
        target: id,
        after: { newKeyId: key.id, expiresAt: key.expiresAt, oldKeyExpiresAt },
      });
      return { ...key, oldKeyExpiresAt };
    }),

  revokeKey: (orgId, id) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await sql<{ is_known: boolean }>`
        select longshore.revoke_key(${orgId}, ${id}) as is_known
      `.execute(transaction);
      if (!rows[0]!.is_known) throw unknownKey();
      await appendAudit(transaction, orgId, actor, { action: 'keys.revoke', target: id });
    }),
});

const unknownKey = (): LongshoreError =>
  new LongshoreError('NOT_FOUND', 'there is no such key', { field: 'id' });

const lockUsable = async (
  transaction: Transaction<Schema>,
  orgId: number,
  id: string,
): Promise<ListedKey> => {
  const key = await transaction
    .selectFrom('longshore.api_keys')
    .select(listed)
    .select(sql<boolean>`coalesce(expires_at <= longshore.now(), false)`.as('is_expired'))
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!key) throw unknownKey();
  if (key.revoked_at === null && !key.is_expired) return key;
  throw new LongshoreError(
    'INVALID_STATE',
    key.revoked_at ? 'this key was revoked' : 'this key has expired',
    { field: 'id', hint: 'Make a new key.' },
  );
};

/** When a key was to end before a rotation, whose answer may have been lost, cut its life short. */
const intendedEnd = async (
  transaction: Transaction<Schema>,
  orgId: number,
  { id, expires_at }: ListedKey,
): Promise<Date | null> => {
  const successor = await transaction
    .selectFrom('longshore.api_keys')
    .select('expires_at')
    .where('org_id', '=', orgId)
    .where('rotated_from', '=', id)
    .orderBy('id')
    .executeTakeFirst();
  return successor ? successor.expires_at : expires_at;
};

/** Never later than the key was to end anyway. */
const endLater = async (
  transaction: Transaction<Schema>,
  orgId: number,
  id: string,
  seconds: number,
): Promise<string> => {
  const row = await transaction
    .updateTable('longshore.api_keys')
    .set({ expires_at: sql<Date>`least(expires_at, longshore.now() + make_interval(secs => ${seconds}))` })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return row.expires_at!.toISOString();
};
