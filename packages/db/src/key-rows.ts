import {
  type ApiKey,
  type CreatedApiKey,
  LongshoreError,
  type RateLimits,
  type Role,
  uuidV7,
} from '@longshore/contract';
import { type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { KeyFormat } from './api-key.ts';
import type { Schema } from './schema.ts';

/** What a new key is, beside its secret. */
export interface KeyTraits {
  role: Role;
  name: string;
  workerId?: string | null;
  /** An instant, or one that `fromNow` tells PostgreSQL to reckon. */
  expiresAt?: Date | RawBuilder<Date> | null;
  rotatedFrom?: string;
  rateLimits?: RateLimits;
  metadata?: ApiKey['metadata'];
}

/** The part of a key that was made elsewhere. */
export interface GivenKey {
  /** 32 bytes. */
  hash: Buffer;
  start: string | null;
}

/** Makes a key in the org that the transaction has entered. */
export const insertKey = async (
  transaction: Transaction<Schema>,
  orgId: number,
  keyFormat: KeyFormat,
  traits: KeyTraits,
): Promise<CreatedApiKey> => {
  const apiKey = keyFormat.generate(traits.role);
  const row = await insertRow(transaction, orgId, traits, {
    hash: keyFormat.hash(apiKey),
    start: apiKey.slice(0, -49),
    last4: apiKey.slice(-4),
  });
  return { ...row, apiKey };
};

/** Stores a key of which only the hash is known. Throws CONFLICT when there is a key with this hash already. */
export const insertGivenKey = (
  transaction: Transaction<Schema>,
  orgId: number,
  { hash, start }: GivenKey,
  traits: KeyTraits,
): Promise<ApiKey> => insertRow(transaction, orgId, traits, { hash, start: start ?? '', last4: null });

const insertRow = async (
  transaction: Transaction<Schema>,
  orgId: number,
  traits: KeyTraits,
  secret: { hash: Buffer; start: string; last4: string | null },
): Promise<ApiKey> => {
  const { role, name, workerId = null, expiresAt = null, rotatedFrom = null } = traits;
  const row = await transaction
    .insertInto('longshore.api_keys')
    .values({
      ...secret,
      org_id: orgId,
      id: uuidV7(),
      role,
      name,
      worker_id: workerId,
      expires_at: expiresAt,
      rotated_from: rotatedFrom,
      rate_limits: JSON.stringify(traits.rateLimits ?? {}),
      metadata: JSON.stringify(traits.metadata ?? {}),
    })
    // Naming the constraint would take the right to read hashes.
    .onConflict((conflict) => conflict.doNothing())
    .returning(listed)
    .executeTakeFirst();
  if (row) return toApiKey(row);
  throw new LongshoreError('CONFLICT', 'there is a key with this hash already', {
    field: 'keyHash',
    hint: 'A key belongs to one org and one worker; make another.',
  });
};

/** So many seconds from now by the clock of the database; null for never. */
export const fromNow = (seconds: number | undefined): RawBuilder<Date> | null =>
  seconds === undefined ? null : sql<Date>`longshore.now() + make_interval(secs => ${seconds})`;

/** Everything but the hash, which no API process may read. */
export const listed = [
  'id',
  'role',
  'name',
  'start',
  'last4',
  'worker_id',
  'rate_limits',
  'metadata',
  'rotated_from',
  'created_at',
  'last_used_at',
  'expires_at',
  'revoked_at',
] as const;

export type ListedKey = Pick<Selectable<Schema['longshore.api_keys']>, (typeof listed)[number]>;

export const toApiKey = (row: ListedKey): ApiKey => ({
  id: row.id,
  role: row.role,
  name: row.name,
  start: row.start || null,
  last4: row.last4,
  workerId: row.worker_id,
  rotatedFrom: row.rotated_from,
  metadata: row.metadata,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
