import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const database = useDatabase();

test('a caller’s own types never run in a function that has more rights than he', async () => {
  const client = await database.connect();
  await client.query("insert into longshore.orgs (slug) values ('acme')");
  await client.query(
    "insert into longshore.org_logins select id, session_user from longshore.orgs where slug = 'acme'",
  );
  const ranAs: string[] = [];
  client.on('notice', ({ message }) => ranAs.push(String(message)));
  // Whoever may make temporary things can shadow the name text; its check then runs wherever a value becomes text.
  await client.query(`
    set role longshore_submit;
    create function pg_temp.spy(p_value pg_catalog.text) returns boolean language plpgsql
      as $$ begin raise notice '%', current_user; return true; end $$;
    create domain pg_temp.text as pg_catalog.text check (pg_temp.spy(value));
  `);
  await client.query("select longshore.submit('acme', 'work', 'null')");
  expect(ranAs).toEqual([]);
});

test('every function with more rights than its caller looks at temporary things last', async () => {
  const open = await database.query(`
    select oid::regprocedure::text as function, proconfig as settings
    from pg_proc
    where pronamespace = 'longshore'::regnamespace
      and (prosecdef or proconfig::text like '%search_path%')
      and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
  `);
  expect(open).toEqual([]);
});
