import { expect, test } from 'vitest';
import { canExplainNested, explainNested } from './explain-nested.ts';
import { useDatabase } from './use-database.ts';

const database = useDatabase();

test('the plan of a statement inside a function is seen with its rows and buffers', async ({ skip }) => {
  const client = await database.connect();
  skip(
    !(await canExplainNested(client)),
    'the tests do not run as a superuser of a server with auto_explain',
  );
  await client.query('create table public.numbers as select generate_series(1, 10) as number');
  await client.query(`
    create function public.count_small() returns bigint language plpgsql as $$
    declare v_count bigint;
    begin
      select count(*) into v_count from public.numbers where number < 4;
      return v_count;
    end $$
  `);

  const plans = await explainNested(client, () => client.query('select public.count_small()'));

  const inner = plans.find(({ query }) => query.includes('public.numbers'));
  expect(inner?.plan['Node Type']).toBe('Aggregate');
  expect(inner?.plan.Plans).toMatchObject([{ 'Relation Name': 'numbers', 'Actual Rows': 3 }]);
  expect(inner?.plan['Shared Hit Blocks']).toBeGreaterThan(0);
  expect(plans.at(-1)?.query).toBe('select public.count_small()');
});
