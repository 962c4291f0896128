import type { AuditEntry, AuditPage, ListAuditInput } from '@longshore/contract';
import type { Selectable } from 'kysely';
import type { Database } from './connect.ts';
import { readAs } from './org-scope.ts';
import type { Schema } from './schema.ts';

export interface AuditReads {
  /** What people and keys did in the org, newest first. */
  listAudit(orgId: number, filter: ListAuditInput): Promise<AuditPage>;
}

export const createAuditReads = (db: Database): AuditReads => ({
  listAudit: async (orgId, { action, target, cursor, limit = 100 }) => {
    let newest = db.kysely
      .selectFrom('longshore.audit_log')
      .selectAll()
      .where('org_id', '=', orgId)
      .orderBy('seq', 'desc')
      .limit(limit + 1);
    if (action) newest = newest.where('action', '=', action);
    if (target) newest = newest.where('target', '=', target);
    if (cursor) newest = newest.where('seq', '<', String(cursor));
    const rows = await readAs(db, orgId, newest);
    const entries = rows.slice(0, limit).map(toAuditEntry);
    return { entries, nextCursor: rows.length > limit ? entries.at(-1)!.seq : null };
  },
});

const toAuditEntry = (row: Selectable<Schema['longshore.audit_log']>): AuditEntry => ({
  seq: Number(row.seq),
  at: row.at.toISOString(),
  actor: { keyId: row.actor_key_id, role: row.actor_role, name: row.actor_name },
  action: row.action,
  target: row.target,
  before: row.before,
  after: row.after,
  requestId: row.request_id,
  address: row.address,
  hash: row.hash.toString('hex'),
});
