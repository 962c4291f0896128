// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source text.

import { expect, test } from 'vitest';
import { findBuiltSql } from './built-sql.ts';

const rulesOf = (path: string, text: string): string[] =>
  findBuiltSql([{ path, text }]).map(({ rule }) => rule);
const inSource = (text: string) => rulesOf('packages/db/src/reads.ts', text);
const inMigration = (text: string) => rulesOf('migrations/functions/x.sql', text);

test('a statement with text put into it is refused, in whatever way it is put', () => {
  const built = [
    'pool.query(`select id from longshore.jobs where queue = ${queue}`)',
    'pool.query(`select * from longshore.${verb}($1)`)',
    'pool.query(`\n  with x as (select 1)\n  select ${columns} from x`)',
    'pool.query(`drop table ${name}`)',
    'pool.query(`alter role ${name} login`)',
    'pool.query(`grant select on longshore.jobs to ${name}`)',
    'pool.query(`set local role ${name}`)',
    'pool.query(`notify ${channel}`)',
    "pool.query('select id from longshore.jobs where queue = ' + queue)",
    'kysely.where(sql.raw(text))',
    'text`select id from longshore.jobs where queue = ${queue}`',
  ];
  for (const text of built) expect(inSource(text), text).toEqual(['SQL built from text']);
});

test('parameters, tagged templates and prose are let through', () => {
  const fine = [
    "pool.query('select id from longshore.jobs where queue = $1', [queue])",
    'pool.query(`\n  select id\n  from longshore.jobs\n`)',
    'sql<Row>`select id from longshore.jobs where queue = ${queue}`',
    'new Error(`select one of ${names}`)',
    'new Error(`update ${name} first`)',
    'new Error(`set ${variable} to a number`)',
    'new Error(`drop the job ${id}`)',
    '// pool.query(`drop table ${name}`)',
  ];
  for (const text of fine) expect(inSource(text), text).toEqual([]);
});

test('an exception holds for its file and its statement alone', () => {
  const listen = 'client.query(`listen ${noticeChannel}`)';
  expect(rulesOf('packages/db/src/listener.ts', listen)).toEqual([]);
  expect(rulesOf('packages/db/src/reads.ts', listen)).toHaveLength(1);
  expect(rulesOf('packages/db/src/listener.ts', 'client.query(`drop table ${name}`)')).toHaveLength(1);
});

test('tests and rooms without SQL are not looked at', () => {
  const text = 'pool.query(`select id from longshore.jobs where queue = ${queue}`)';
  expect(rulesOf('packages/db/src/reads.test.ts', text)).toEqual([]);
  expect(rulesOf('bench/src/main.ts', text)).toEqual([]);
});

test('execute takes format with %I and %L and nothing else', () => {
  expect(inMigration("execute format('drop table longshore.%I', v_name);")).toEqual([]);
  expect(inMigration("execute 'drop table longshore.jobs; analyze';")).toEqual([]);
  expect(
    inMigration('grant execute on function longshore.now() to longshore_api; -- execute a || b'),
  ).toEqual([]);
  expect(inMigration("execute 'drop table ' || v_name;")).toEqual(['execute joins strings']);
  expect(inMigration("execute format('drop table %I', 'a' || v_name);")).toEqual(['execute joins strings']);
  expect(inMigration("execute format('drop table %s', v_name);")).toEqual(['execute formats with %s']);
  expect(inMigration('execute format($x$drop table; %1$s$x$, v_name);')).toEqual(['execute formats with %s']);
  expect(inMigration('execute v_statement;')).toEqual(['execute runs text from elsewhere']);
});
