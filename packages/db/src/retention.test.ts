import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { connect } from './connect.ts';

const database = useDatabase();

/** Calls as a login of longshore_api, which may keep history in order but not do away with it. */
const asApi = async <Row extends object>(statement: string): Promise<Row[]> => {
  const db = connect({ url: database.apiUrl, poolSize: 1 });
  try {
    return (await db.pool.query<Row>(statement)).rows;
  } finally {
    await db.close();
  }
};
const countPartitions = async (): Promise<string> => {
  const [row] = await database.query<{ count: string }>('select count(*) from pg_catalog.pg_inherits');
  return row!.count;
};

test.for([
  ['drop_old_partitions(-100)', 'keep_days'],
  ['drop_old_partitions(0)', 'keep_days'],
  ['drop_old_partitions(2147483647)', 'keep_days'],
  ['drop_old_partitions(-2147483648)', 'keep_days'],
  ['drop_old_partitions(null)', 'keep_days'],
  ['prune_rows(-1, 100)', 'keep_days'],
  ['prune_rows(36501, 100)', 'keep_days'],
  ['prune_rows(-2147483648, 100)', 'keep_days'],
  ['prune_rows(null, 100)', 'keep_days'],
  ['prune_rows(30, 0)', 'limit'],
  ['prune_rows(30, 100001)', 'limit'],
  ['prune_rows(30, null)', 'limit'],
  ['ensure_partitions(-1)', 'days_ahead'],
  ['ensure_partitions(1000000)', 'days_ahead'],
  ['ensure_partitions(null)', 'days_ahead'],
] as const)('%s is refused, and history stays as it is', async ([call, field]) => {
  const before = await countPartitions();
  await expect(asApi(`select longshore.${call}`)).rejects.toMatchObject({ code: 'LS001', detail: field });
  expect(await countPartitions()).toBe(before);
});

test('the ends of what is allowed are taken', async () => {
  for (const call of ['drop_old_partitions(36500)', 'prune_rows(36500, 100000)', 'ensure_partitions(0)'])
    await asApi(`select longshore.${call}`);
});

test('a rate bucket goes when it has been empty for an hour, and only then', async () => {
  await database.query(
    `insert into longshore.rate_buckets (org_id, key_id, class, empty_at)
     select 1, gen_random_uuid(), hours::text, longshore.now() - make_interval(hours => hours) from unnest(array[-1, 0, 2, 3]) as hours`,
  );
  expect(await asApi('select longshore.prune_rows(30, 1) as count')).toEqual([{ count: 1 }]);
  expect(await asApi('select longshore.prune_rows(30, 100) as count')).toEqual([{ count: 1 }]);
  expect(await database.query('select class from longshore.rate_buckets order by class')).toEqual([
    { class: '-1' },
    { class: '0' },
  ]);
});

test('an idempotency key is kept while its job lives, however old, and goes with it', async () => {
  const options = '{"idempotency_key": "old", "idempotency_key_seconds": 1}';
  await database.query(`insert into longshore.orgs (slug) values ('acme')`);
  await database.query(`select longshore.submit('acme', 'k', 'null', '${options}')`);
  await database.query(`update longshore.idempotency_keys set created_at = created_at - interval '1 day'`);
  await asApi('select longshore.prune_rows(30, 100)');
  expect(await database.query('select key from longshore.idempotency_keys')).toEqual([{ key: 'old' }]);

  await database.query('delete from longshore.jobs');
  await asApi('select longshore.prune_rows(30, 100)');
  expect(await database.query('select key from longshore.idempotency_keys')).toEqual([]);
});

test('the API cannot take a rate bucket away', async () => {
  await expect(asApi('delete from longshore.rate_buckets')).rejects.toMatchObject({ code: '42501' });
});
