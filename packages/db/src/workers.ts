import {
  LongshoreError,
  type RegisteredWorker,
  type RegisterWorkerInput,
  uuidV7,
  type Worker,
} from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { insertKey } from './keys.ts';
import { inOrg } from './org-scope.ts';
import type { Schema } from './schema.ts';
import { listWorkers } from './worker-list.ts';

/** The registered workers of an org. */
export interface Workers {
  registerWorker(orgId: number, input: RegisterWorkerInput): Promise<RegisteredWorker>;
  listWorkers(orgId: number): Promise<Worker[]>;
  /** Revokes the worker's keys and takes its jobs back, unspent. Throws NOT_FOUND. */
  revokeWorker(orgId: number, id: string): Promise<void>;
}

export const createWorkers = (db: Database, actor: Actor): Workers => ({
  registerWorker: (orgId, input) =>
    inOrg(db, orgId, async (transaction) => {
      const { name, allowedCapabilities } = input;
      const id = await insertWorker(transaction, orgId, input);
      const { apiKey } = await insertKey(transaction, orgId, { role: 'worker', name, workerId: id });
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.register',
        target: id,
        after: { name, allowedCapabilities },
      });
      return { id, name, apiKey };
    }),

  listWorkers: (orgId) => listWorkers(db, orgId),

  revokeWorker: (orgId, id) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await sql<{ is_known: boolean }>`
        select longshore.revoke_worker(${orgId}, ${id}) as is_known
      `.execute(transaction);
      if (!rows[0]!.is_known)
        throw new LongshoreError('NOT_FOUND', 'there is no such worker', { field: 'id' });
      await appendAudit(transaction, orgId, actor, { action: 'workers.revoke', target: id });
    }),
});

/** Stores a worker with its policy in the org that the transaction has entered; answers its id. */
export const insertWorker = async (
  transaction: Transaction<Schema>,
  orgId: number,
  { name, allowedCapabilities }: RegisterWorkerInput,
): Promise<string> => {
  const id = uuidV7();
  await transaction
    .insertInto('longshore.workers')
    .values({ org_id: orgId, id, name, allowed_capabilities: allowedCapabilities ?? null })
    .execute();
  return id;
};
