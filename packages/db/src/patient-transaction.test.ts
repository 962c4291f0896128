import { eventually, useDatabase } from '@longshore/test-kit';
import pg from 'pg';
import { expect, test } from 'vitest';
import { inPatientTransaction, lockTimeoutMs } from './patient-transaction.ts';

const database = useDatabase();

test('a change that needs a table waits for a long transaction without keeping anybody else waiting behind it', async () => {
  const [holder, bystander] = [await database.connect(), await database.connect()];
  await holder.query('begin; insert into longshore.orgs (slug) values ($$held$$)');
  const migrator = new pg.Client({ connectionString: database.url, lock_timeout: lockTimeoutMs });
  await migrator.connect();
  let tries = 0;
  const changed = inPatientTransaction(migrator, 'a change', async () => {
    tries += 1;
    await migrator.query('alter table longshore.orgs add column flag boolean');
  });

  await eventually(() => tries >= 2);
  await bystander.query("set lock_timeout = '5s'; insert into longshore.orgs (slug) values ('beside')");
  await holder.query('commit');
  await changed;
  await migrator.end();

  expect(await database.query("select flag from longshore.orgs where slug = 'held'")).toEqual([
    { flag: null },
  ]);
});

test('what fails for another reason is not tried again, and leaves nothing', async () => {
  const migrator = await database.connect();
  let tries = 0;
  const work = async (): Promise<void> => {
    tries += 1;
    await migrator.query('create table public.half (id int)');
    await migrator.query('select 1 / 0');
  };
  await expect(inPatientTransaction(migrator, 'half', work)).rejects.toMatchObject({ code: '22012' });
  expect(tries).toBe(1);
  expect(await database.query("select to_regclass('public.half') as found")).toEqual([{ found: null }]);
});
