import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { runOnServer } from './admin-connection.ts';
import { createTestDatabase } from './test-database.ts';
import { useDatabase } from './use-database.ts';

const hasDatabase = async (name: string): Promise<boolean> => {
  const found = await runOnServer(inject('adminUrl'), 'select from pg_database where datname = $1', [name]);
  return found.length > 0;
};

describe('within one test file', () => {
  const database = useDatabase();

  test('the database is migrated and its own', async () => {
    await database.query(`create table public.mark as select '${randomUUID()}' as id`);
    const rows = await database.query<{ migrated: boolean }>(
      "select to_regnamespace('longshore') is not null as migrated",
    );
    expect(rows).toEqual([{ migrated: true }]);
  });

  test('connections see what others committed, not what they have open', async () => {
    const [one, other] = [await database.connect(), await database.connect()];
    await one.query('begin; delete from public.mark');
    expect((await other.query('select from public.mark')).rowCount).toBe(1);
    await one.query('commit');
    expect((await other.query('select from public.mark')).rowCount).toBe(0);
  });
});

test('a dropped database is gone, though connections were left open', async () => {
  const database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await database.connect();
  await database.query('select 1');
  expect(await hasDatabase(name)).toBe(true);

  await database.drop();

  expect(await hasDatabase(name)).toBe(false);
});
