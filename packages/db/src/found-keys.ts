import type { RateLimits, Role } from '@longshore/contract';
import type { Database } from './connect.ts';
import { query } from './query.ts';

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

/** A key that may be used now. */
export interface FoundKey {
  principal: Principal;
  /** The 32 bytes that are stored of it. */
  hash: Buffer;
  /** How long it stays usable by itself; null for ever. */
  secondsLeft: number | null;
  /** Its last use was noted more than a minute ago. */
  isUseDue: boolean;
}

/** The key with this hash, if it may be used now. */
export const findKeyByHash = async (db: Database, hash: Buffer): Promise<FoundKey | null> => {
  const [row] = await query<KeyRow>(db.pool, 'select * from longshore.find_key($1)', [hash]);
  if (!row) return null;
  const principal = {
    keyId: row.id,
    keyName: row.name,
    orgId: row.org_id,
    orgSlug: row.org_slug,
    role: row.role,
    workerId: row.worker_id,
    rateLimits: row.rate_limits,
  };
  return { principal, hash: row.hash, secondsLeft: row.seconds_left, isUseDue: row.is_use_due };
};

/** Notes that keys were used, each at most once a minute over all processes. Answers how many were noted. */
export const touchKeys = async (db: Database, keys: { orgId: number; keyId: string }[]): Promise<number> => {
  const [row] = await query<{ count: number }>(db.pool, 'select longshore.touch_keys($1, $2) as count', [
    keys.map(({ orgId }) => orgId),
    keys.map(({ keyId }) => keyId),
  ]);
  return row!.count;
};

interface KeyRow {
  hash: Buffer;
  id: string;
  org_id: number;
  org_slug: string;
  role: Role;
  name: string;
  worker_id: string | null;
  rate_limits: RateLimits;
  seconds_left: number | null;
  is_use_due: boolean;
}
