import type { JobState } from '@longshore/contract';
import type { Outcome } from './door.ts';

/** Keys as the SQL functions take them; what stands in payloads, metadata and the like stays as it is. */
export const toSnakeCase = (fields: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      key === 'backoff' ? toSnakeCase(value) : value,
    ]),
  );

interface LeaseRow {
  id: string | null;
  lease_token: string | null;
  state: JobState | null;
  is_accepted: boolean;
}

/** An item without a row of its own was accepted; a refusal names the token that it refused. */
export const toSqlOutcomes = (
  items: { id: string; leaseToken: string }[],
  rows: LeaseRow[],
  stateOfRest: JobState,
): Outcome[] =>
  items.map(({ id, leaseToken }) => {
    const ofJob = rows.filter((row) => row.id === id);
    const row =
      ofJob.find((other) => other.lease_token === leaseToken) ??
      ofJob.find((other) => other.lease_token === null);
    if (!row) return { ok: true, state: stateOfRest, code: null };
    return { ok: row.is_accepted, state: row.state, code: row.is_accepted ? null : 'LEASE_LOST' };
  });
