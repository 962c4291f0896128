import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';
import { migrate } from './migrate.ts';
import { compareReleases } from './schema-functions.ts';

const migrations = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'longshore-releases-'));
afterAll(() => rmSync(folder, { recursive: true }));

let name: string;
let owner: pg.Client;
let url: string;

const onServer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

beforeEach(async () => {
  name = `longshore_functions_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  url = Object.assign(new URL(inject('adminUrl')), { pathname: `/${name}` }).href;
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await onServer(`drop database ${name} with (force)`);
});

interface Change {
  functions?: Record<string, string>;
  grants?: string;
}

/** Migrates to a release that has these functions and grants beside our own. */
const release = async (version: string, { functions = {}, grants = '' }: Change): Promise<void> => {
  const own = join(folder, `${name}-${version}-${randomBytes(3).toString('hex')}`);
  cpSync(migrations, own, { recursive: true });
  for (const [file, sql] of Object.entries(functions))
    writeFileSync(join(own, 'functions', `${file}.sql`), sql);
  const ours = readFileSync(join(own, 'grants.sql'), 'utf8');
  writeFileSync(join(own, 'grants.sql'), `${ours}\n${grants}`);
  await migrate(url, { release: { version, folder: pathToFileURL(`${own}/`) } });
};

const ask = async (sql: string): Promise<unknown[]> =>
  (await owner.query({ text: sql, rowMode: 'array' })).rows.flat();
const overloadsOf = (verb: string): Promise<unknown[]> =>
  ask(`select pg_get_function_identity_arguments(oid) from pg_proc
    where pronamespace = 'longshore'::regnamespace and proname = '${verb}' order by 1`);
const mayCall = async (role: string, signature: string): Promise<boolean> =>
  (await ask(`select has_function_privilege('${role}', '${signature}', 'execute')`))[0] as boolean;

const greet = (parameters: string, answer: string): string =>
  `create or replace function longshore.greet(${parameters}) returns text language sql as $$ select '${answer}' $$;`;

test('a function that a release no longer has stays for that release, and goes with the next', async () => {
  await release('0.1.0', { functions: { greet: greet('p_id int', 'hello') } });
  await release('0.2.0', {});
  expect(await ask('select longshore.greet(1)')).toEqual(['hello']);
  await release('0.2.0', {});
  expect(await ask('select longshore.greet(1)')).toEqual(['hello']);
  await release('0.2.1', {});
  expect(await overloadsOf('greet')).toEqual([]);
});

test('a function that comes back counts as new', async () => {
  const functions = { greet: greet('p_id int', 'hello') };
  await release('0.1.0', { functions });
  await release('0.2.0', {});
  await release('0.3.0', { functions });
  await release('0.4.0', {});
  expect(await overloadsOf('greet')).toEqual(['p_id integer']);
});

test('one with other parameters stands beside the old one, also where the grants name it', async () => {
  const grants = 'alter function longshore.greet owner to longshore_door;';
  const asOwner = `grant create on schema longshore to longshore_door; ${grants} revoke create on schema longshore from longshore_door;`;
  await release('0.1.0', { functions: { greet: greet('p_id int', 'old') }, grants: asOwner });
  await release('0.2.0', { functions: { greet: greet('p_id int, p_name text', 'new') }, grants: asOwner });
  expect(await ask("select longshore.greet(1), longshore.greet(1, 'you')")).toEqual(['old', 'new']);
  await release('0.3.0', { functions: { greet: greet('p_id int, p_name text', 'newer') }, grants: asOwner });
  expect(await overloadsOf('greet')).toEqual(['p_id integer, p_name text']);
});

test('one with more parameters that have defaults takes the calls of the old one', async () => {
  await release('0.1.0', { functions: { greet: greet('p_id int', 'old') } });
  await release('0.2.0', { functions: { greet: greet("p_id int, p_name text default 'you'", 'new') } });
  expect(await ask('select longshore.greet(1)')).toEqual(['new']);
});

test('a function keeps its own rights while it is retired, no more and no less', async () => {
  const functions = {
    greet: greet('p_id int', 'hello'),
    hide: greet('p_id int', 'no').replace('greet', 'hide'),
  };
  const grants =
    'revoke execute on function longshore.hide from longshore_api; grant execute on function longshore.greet to longshore_submit;';
  await release('0.1.0', { functions, grants });
  await release('0.2.0', {});
  expect(await mayCall('longshore_submit', 'longshore.greet(int)')).toBe(true);
  expect(await mayCall('longshore_api', 'longshore.greet(int)')).toBe(true);
  expect(await mayCall('longshore_api', 'longshore.hide(int)')).toBe(false);
  expect(await ask("select nspname from pg_namespace where nspname like 'longshore%'")).toEqual([
    'longshore',
  ]);
});

test('a release that is older than the database is refused, with functions alone between them', async () => {
  await release('0.10.0', { functions: { greet: greet('p_id int', 'new') } });
  await expect(release('0.9.0', { functions: { greet: greet('p_id int', 'old') } })).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('0.10.0'),
  });
  expect(await ask('select longshore.greet(1)')).toEqual(['new']);
});

test('releases are ordered by their numbers', () => {
  expect(compareReleases('0.10.0', '0.9.9')).toBeGreaterThan(0);
  expect(compareReleases('1.0.0', '1.0.1')).toBeLessThan(0);
  expect(compareReleases('1.2.3', '1.2.3')).toBe(0);
});
