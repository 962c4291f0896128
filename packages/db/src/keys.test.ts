import { uuidV7 } from '@longshore/contract';
import { eventually, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Admin, createAdmin } from './admin.ts';
import { connect, type Database } from './connect.ts';

const database = useDatabase();
let db: Database;
let admin: Admin;
let orgId = 0;

beforeAll(async () => {
  db = connect({ url: database.apiUrl, poolSize: 4 });
  admin = createAdmin(db);
  await admin.createOrg('keys');
  orgId = await admin.orgIdOf('keys');
});
afterAll(() => db.close());

const openSession = async (workerId: string): Promise<string> => {
  const id = uuidV7();
  await database.query(
    `insert into longshore.worker_sessions
       (org_id, id, worker_id, kinds, capabilities, concurrency, lease_seconds, started_at, heartbeat_at)
     values ($1, $2, $3, '{k}', '{}', 1, 15, longshore.now(), longshore.now())`,
    [orgId, id, workerId],
  );
  return id;
};
const endOf = async (sessionId: string): Promise<string | null> =>
  (await database.query('select end_reason from longshore.worker_sessions where id = $1', [sessionId]))[0]!
    .end_reason;

test('of two keys that are revoked at the same time, one is the last', async () => {
  const worker = await admin.registerWorker(orgId, { name: 'twice' });
  const [first] = (await admin.listKeys(orgId)).filter(({ workerId }) => workerId === worker.id);
  const second = await admin.rotateKey(orgId, { id: first!.id });
  const sessionId = await openSession(worker.id);
  const [one, other] = [await database.connect(), await database.connect()];
  const revoke = 'select longshore.revoke_key($1, $2)';
  const { pid } = (await other.query('select pg_backend_pid() as pid')).rows[0];

  await one.query('begin');
  await one.query(revoke, [orgId, first!.id]);
  const waiting = other.query(revoke, [orgId, second.id]);
  const blocked = 'select from pg_locks where pid = $1 and not granted';
  await eventually(async () => (await database.query(blocked, [pid])).length > 0);
  expect(await endOf(sessionId)).toBeNull();
  await one.query('commit');
  await waiting;

  expect(await endOf(sessionId)).toBe('revoked');
});

test('a key that has expired keeps no session of its worker open', async () => {
  const worker = await admin.registerWorker(orgId, { name: 'expired' });
  const [first] = (await admin.listKeys(orgId)).filter(({ workerId }) => workerId === worker.id);
  const second = await admin.rotateKey(orgId, { id: first!.id, overlapSeconds: 0 });
  const sessionId = await openSession(worker.id);
  await admin.revokeKey(orgId, second.id);
  expect(await endOf(sessionId)).toBe('revoked');
});

test('an API process can read no hash, and change neither hash nor role', async () => {
  const { id } = await admin.createKey(orgId, { role: 'submit', name: 'walled' });
  const api = connect({ url: database.apiUrl, poolSize: 1 });
  try {
    await expect(api.pool.query('select hash from longshore.api_keys')).rejects.toThrow(/permission denied/);
    await expect(
      api.pool.query(`update longshore.api_keys set role = 'admin' where id = $1`, [id]),
    ).rejects.toThrow(/permission denied/);
    await expect(api.pool.query('update longshore.api_keys set hash = hash')).rejects.toThrow(
      /permission denied/,
    );
  } finally {
    await api.close();
  }
});
