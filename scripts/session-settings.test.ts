import { expect, test } from 'vitest';
import { findSessionSettings } from './session-settings.ts';

const rulesOf = (path: string, text: string): string[] =>
  findSessionSettings([{ path, text }]).map(({ rule }) => rule);
const inSource = (sql: string) => rulesOf('packages/db/src/reads.ts', `query(\`${sql}\`)`);
const inMigration = (sql: string) => rulesOf('migrations/functions/x.sql', sql);

test('B-46: a setting that outlives its transaction is refused', () => {
  for (const judge of [inSource, inMigration]) {
    for (const sql of [
      'set statement_timeout = 0',
      'begin; set longshore.org_id to 7',
      'set session authorization x',
      'set role longshore_system',
      "set time zone 'UTC'",
      'SET jit = off',
      'reset all',
    ]) {
      expect(judge(sql), sql).toEqual(['sets for the whole session']);
    }
    for (const sql of [
      "select set_config('longshore.org_id', '7', false)",
      "perform pg_catalog.set_config('x', coalesce(f('a)'), ''), v_is_local);",
    ]) {
      expect(judge(sql), sql).toEqual(['set_config beyond the transaction']);
    }
  }
  expect(inMigration("as $$\nbegin\n  set jit = off;\n  execute 'set jit = off';\nend $$")).toHaveLength(2);
});

test('what ends with the transaction or the function is let through', () => {
  for (const sql of [
    'set local statement_timeout = 0',
    'set transaction isolation level serializable',
    "select set_config('longshore.org_id', $1::text, true), pg_notify($1, $2)",
    'update longshore.jobs\nset state = 1, progress = null where id = $1',
    'insert into x values (1) on conflict (id) do update set a = excluded.a',
  ]) {
    expect(inSource(sql), sql).toEqual([]);
    expect(inMigration(sql), sql).toEqual([]);
  }
  expect(
    inMigration(
      "create function longshore.x() returns void\nlanguage plpgsql\nset search_path = ''\nset jit = off\nas $$ begin end $$;",
    ),
  ).toEqual([]);
  expect(inMigration('-- set jit = off;\nselect 1;')).toEqual([]);
});

test('prose is let through', () => {
  expect(inSource('set the variable DATABASE_URL')).toEqual([]);
  expect(inSource('Set DATABASE_URL to a server of your own.')).toEqual([]);
});
