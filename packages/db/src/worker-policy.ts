import { isDeepStrictEqual } from 'node:util';
import { storedBytesOf, type WorkerPolicy, type WorkerPolicyInput } from '@longshore/contract';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

export type WorkerRow = Selectable<Schema['longshore.workers']>;

/**
 * Changes the policy of a worker in the org that the transaction has entered, and with it what its open sessions may be
 * given. Answers the worker as it is now; null when there is none, or it is revoked.
 */
export const changePolicy = async (
  transaction: Transaction<Schema>,
  orgId: number,
  workerId: string,
  policy: WorkerPolicyInput,
): Promise<WorkerRow | null> => {
  const changes = {
    allowed_capabilities: policy.allowedCapabilities,
    denied_capabilities: policy.deniedCapabilities,
    allowed_kinds: policy.allowedKinds,
    priority_min: policy.priorityMin,
    priority_max: policy.priorityMax,
    max_concurrent_jobs: policy.maxConcurrentJobs,
    category_limits: policy.categoryLimits,
    claims_per_minute: policy.claimsPerMinute,
    expires_in_seconds: policy.expiresInSeconds,
    metadata: policy.metadata,
  };
  const { rows } = await sql<WorkerRow>`
    select * from longshore.change_worker_policy(${orgId}, ${workerId}, ${JSON.stringify(changes)}::jsonb)
  `.execute(transaction);
  return rows[0] ?? null;
};

/** The policy that a worker's row holds. */
export const toPolicy = (row: WorkerRow): WorkerPolicy => ({
  allowedCapabilities: row.allowed_capabilities,
  deniedCapabilities: row.denied_capabilities,
  allowedKinds: row.allowed_kinds,
  priorityMin: row.priority_min,
  priorityMax: row.priority_max,
  maxConcurrentJobs: row.max_concurrent_jobs,
  categoryLimits: row.category_limits,
  claimsPerMinute: row.claims_per_minute,
});

/** What differs between two states of a worker, for the audit log. */
export const differenceOf = (before: WorkerRow, after: WorkerRow): { before: object; after: object } => {
  const [old, present] = [auditedFields(before), auditedFields(after)];
  const isChanged = ([field]: [string, unknown]): boolean => !isDeepStrictEqual(old[field], present[field]);
  const pick = (fields: { [field: string]: unknown }) =>
    shorten(Object.fromEntries(Object.entries(fields).filter(isChanged)));
  return { before: pick(old), after: pick(present) };
};

const auditedFields = (row: WorkerRow): { [field: string]: unknown } => ({
  ...toPolicy(row),
  expiresAt: row.expires_at,
  metadata: row.metadata,
});

/** Fields as the audit log takes them: a list of a thousand kinds is in the worker's row, the log only says how long it is. */
export const shorten = (fields: object): { [field: string]: unknown } =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const bytes = storedBytesOf(value);
      return [field, bytes <= 1_000 ? value : `${bytes} bytes`];
    }),
  );
