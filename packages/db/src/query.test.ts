import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from './connect.ts';
import { query } from './query.ts';

const database = useDatabase();
let db: Database;
beforeAll(() => {
  db = connect({ url: database.apiUrl, poolSize: 1 });
});
afterAll(() => db.close());

const readPid = async () => (await query<{ pid: number }>(db.pool, 'select pg_backend_pid() as pid'))[0]!.pid;

test('a statement that PostgreSQL refuses leaves its connection as good as before', async () => {
  const pid = await readPid();
  await expect(query(db.pool, 'select 1 / 0')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await readPid()).toBe(pid);
});

test('a connection that broke under a statement is replaced', async () => {
  const pid = await readPid();
  const ended = query(db.pool, 'select pg_terminate_backend(pg_backend_pid())');
  await expect(ended).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await readPid()).not.toBe(pid);
});
