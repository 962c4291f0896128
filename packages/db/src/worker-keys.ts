import type { RegisterWorkerWithHashInput, WorkerWithHash } from '@longshore/contract';
import { sql } from 'kysely';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { decodeKeyHash } from './key-hash.ts';
import { insertGivenKey } from './key-rows.ts';
import { inOrg } from './org-scope.ts';
import { insertWorker } from './workers.ts';

/** Workers whose keys were made elsewhere, and the end of all of an org's. */
export interface WorkerKeys {
  /** Throws INVALID_INPUT for what is no hash of 32 bytes, CONFLICT for one that is known. */
  registerWorkerWithHash(orgId: number, input: RegisterWorkerWithHashInput): Promise<WorkerWithHash>;
  /** Revokes every worker as `revokeWorker` does one; answers how many. */
  revokeAllWorkers(orgId: number): Promise<number>;
}

export const createWorkerKeys = (db: Database, actor: Actor): WorkerKeys => ({
  registerWorkerWithHash: (orgId, { keyHash, encoding, keyStart = null, ...input }) =>
    inOrg(db, orgId, async (transaction) => {
      const hash = decodeKeyHash(keyHash, encoding);
      const { name } = input;
      const id = await insertWorker(transaction, orgId, input);
      const traits = { role: 'worker' as const, name, workerId: id };
      const key = await insertGivenKey(transaction, orgId, { hash, start: keyStart }, traits);
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.registerWithHash',
        target: id,
        after: { name, keyId: key.id },
      });
      return { id, name };
    }),

  revokeAllWorkers: (orgId) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await sql<{ revoked: number }>`
        select longshore.revoke_org_workers(${orgId}) as revoked
      `.execute(transaction);
      const { revoked } = rows[0]!;
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.revokeAll',
        target: '*',
        after: { revoked },
      });
      return revoked;
    }),
});
