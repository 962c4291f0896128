import {
  LongshoreError,
  type RegisteredWorker,
  type RegisterWorkerInput,
  type RegisterWorkerWithHashInput,
  type UpdateWorkerInput,
  uuidV7,
  type Worker,
  type WorkerWithHash,
} from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { KeyFormat } from './api-key.ts';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { decodeKeyHash } from './key-hash.ts';
import { insertGivenKey, insertKey } from './key-rows.ts';
import { inOrg } from './org-scope.ts';
import type { Schema } from './schema.ts';
import { listWorkers } from './worker-list.ts';
import { changePolicy, differenceOf, shorten, type WorkerRow } from './worker-policy.ts';

/** The registered workers of an org. */
export interface Workers {
  registerWorker(orgId: number, input: RegisterWorkerInput): Promise<RegisteredWorker>;
  /** For a worker whose key was made elsewhere. Throws INVALID_INPUT for what is no hash of 32 bytes, CONFLICT for one that is known. */
  registerWorkerWithHash(orgId: number, input: RegisterWorkerWithHashInput): Promise<WorkerWithHash>;
  /** Changes what the input names; it holds for claims from now on. Throws NOT_FOUND for one that is unknown or revoked. */
  updateWorker(orgId: number, input: UpdateWorkerInput): Promise<void>;
  listWorkers(orgId: number): Promise<Worker[]>;
  /** Revokes the worker's keys and takes its jobs back, unspent. Throws NOT_FOUND. */
  revokeWorker(orgId: number, id: string): Promise<void>;
  /** Revokes every worker as `revokeWorker` does one; answers how many. */
  revokeAllWorkers(orgId: number): Promise<number>;
}

export const createWorkers = (db: Database, actor: Actor, keyFormat: KeyFormat): Workers => ({
  registerWorker: (orgId, input) =>
    inOrg(db, orgId, async (transaction) => {
      const { name, ...policy } = input;
      const id = await insertWorker(transaction, orgId, input);
      const { apiKey } = await insertKey(transaction, orgId, keyFormat, {
        role: 'worker',
        name,
        workerId: id,
      });
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.register',
        target: id,
        after: shorten({ name, ...policy }),
      });
      return { id, name, apiKey };
    }),

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

  updateWorker: (orgId, { id, ...policy }) =>
    inOrg(db, orgId, async (transaction) => {
      const before = await lockWorker(transaction, orgId, id);
      const after = before && (await changePolicy(transaction, orgId, id, policy));
      if (!after) throw noSuchWorker();
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.update',
        target: id,
        ...differenceOf(before, after),
      });
    }),

  listWorkers: (orgId) => listWorkers(db, orgId),

  revokeWorker: (orgId, id) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await sql<{ is_known: boolean }>`
        select longshore.revoke_worker(${orgId}, ${id}) as is_known
      `.execute(transaction);
      if (!rows[0]!.is_known) throw noSuchWorker();
      await appendAudit(transaction, orgId, actor, { action: 'workers.revoke', target: id });
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

/** Stores a worker with its policy in the org that the transaction has entered; answers its id. */
export const insertWorker = async (
  transaction: Transaction<Schema>,
  orgId: number,
  { name, ...policy }: RegisterWorkerInput,
): Promise<string> => {
  const id = uuidV7();
  await transaction.insertInto('longshore.workers').values({ org_id: orgId, id, name }).execute();
  await changePolicy(transaction, orgId, id, policy);
  return id;
};

const lockWorker = (
  transaction: Transaction<Schema>,
  orgId: number,
  id: string,
): Promise<WorkerRow | undefined> =>
  transaction
    .selectFrom('longshore.workers')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();

const noSuchWorker = (): LongshoreError =>
  new LongshoreError('NOT_FOUND', 'there is no such worker', { field: 'id' });
