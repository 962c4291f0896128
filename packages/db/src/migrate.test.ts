import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { connect } from './connect.ts';
import { migrate, missingMigrations, pendingMigrations } from './migrate.ts';

const numbered = readdirSync(new URL('../../../migrations/', import.meta.url)).filter((name) =>
  /^\d{4}_/.test(name),
);

let url: string;
let name: string;

const onServer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};
const ask = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(sql, values).finally(() => client.end())).rows;
};

beforeEach(async () => {
  name = `longshore_migrate_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  url = Object.assign(new URL(inject('adminUrl')), { pathname: `/${name}` }).href;
});
afterEach(() => onServer(`drop database ${name} with (force)`));

/** A real process of its own that migrates; answers its exit code. */
const migrateInChild = (): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const code = `import { migrate } from ${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)};
      migrate(process.env.MIGRATE_URL).catch((error) => { console.error(error); process.exitCode = 1; });`;
    const child = fork('--', {
      execArgv: ['--input-type=module', '-e', code],
      env: { ...process.env, MIGRATE_URL: url },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('error', reject);
    child.on('exit', resolve);
    child.channel?.unref();
  });

describe('migrate', () => {
  test('B-43: sixteen processes at once on an empty database all succeed and leave one history', {
    timeout: 60_000,
  }, async () => {
    const exits = await Promise.all(Array.from({ length: 16 }, migrateInChild));
    expect(exits).toEqual(Array(16).fill(0));
    expect(await ask('select name from longshore.schema_migrations order by name')).toEqual(
      numbered.map((file) => ({ name: file })),
    );
  });

  test('a second run changes nothing and keeps the rows', async () => {
    expect((await migrate(url)).applied).toEqual(numbered);
    await ask("insert into longshore.orgs (slug) values ('kept')");
    const functions = `select oid::regprocedure::text as signature, md5(prosrc) from pg_proc
      where pronamespace = 'longshore'::regnamespace order by 1`;
    const before = await ask(functions);
    const steps: string[] = [];
    expect((await migrate(url, { onStep: (step) => steps.push(step) })).applied).toEqual([]);
    expect(steps).toEqual(['functions']);
    expect(await ask(functions)).toEqual(before);
    expect(await ask("select slug from longshore.orgs where slug = 'kept'")).toHaveLength(1);
  });

  test('a schema newer than the code is refused and left alone', async () => {
    await migrate(url);
    await ask(
      "insert into longshore.schema_migrations (name, sha256) values ('9999_from_the_future.sql', 'x')",
    );
    await ask(
      "create or replace function longshore.now() returns timestamptz language sql as 'select now()'",
    );
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('9999_from_the_future.sql'),
      hint: expect.stringContaining('later'),
    });
    const [row] = await ask("select prosrc from pg_proc where oid = 'longshore.now()'::regprocedure");
    expect(row).toEqual({ prosrc: 'select now()' });
  });

  test('a file edited after it was applied is refused', async () => {
    await migrate(url);
    await ask("update longshore.schema_migrations set sha256 = 'other' where name = $1", [numbered[0]]);
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringContaining(numbered[0]!),
    });
  });

  test('a function that changed its answer is replaced', async () => {
    await migrate(url);
    await ask('drop function longshore.uuid_v7(timestamptz)');
    await ask(
      "create function longshore.uuid_v7(p_at timestamptz) returns text language sql as $$ select 'old' $$",
    );
    await migrate(url);
    expect(await ask('select pg_typeof(longshore.uuid_v7(now()))::text as type')).toEqual([{ type: 'uuid' }]);
  });

  test('pending migrations are named, on an empty database and after', async () => {
    const db = connect({ url, poolSize: 1 });
    try {
      expect(await pendingMigrations(db.pool)).toEqual(numbered);
      await migrate(url);
      expect(await pendingMigrations(db.pool)).toEqual([]);
    } finally {
      await db.close();
    }
  });

  test('a newer database lacks nothing that a running process needs', async () => {
    const db = connect({ url, poolSize: 1 });
    try {
      await migrate(url);
      await ask("insert into longshore.schema_migrations (name, sha256) values ('9999_future.sql', 'x')");
      expect(await missingMigrations(db.pool)).toEqual([]);
      await ask('delete from longshore.schema_migrations where name = $1', [numbered[0]]);
      expect(await missingMigrations(db.pool)).toEqual([numbered[0]]);
    } finally {
      await db.close();
    }
  });

  test('a server that is not there is UNAVAILABLE', async () => {
    await expect(migrate('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  test('an owner who is no superuser migrates, and is told what he lacks when he may not make the roles', async () => {
    const owner = `longshore_owner_${randomBytes(6).toString('hex')}`;
    await onServer(`create role ${owner} login password 'owner'`);
    await onServer(`alter database ${name} owner to ${owner}`);
    const ownerUrl = Object.assign(new URL(url), { username: owner, password: 'owner' }).href;
    try {
      await expect(migrate(ownerUrl)).rejects.toMatchObject({
        code: 'FORBIDDEN',
        hint: expect.stringContaining('CREATEROLE'),
      });
      await onServer(`grant longshore_door, longshore_system to ${owner} with admin option`);
      expect((await migrate(ownerUrl)).applied).toEqual(numbered);
      expect((await migrate(ownerUrl)).applied).toEqual([]);
    } finally {
      await onServer(`drop database ${name} with (force)`);
      await onServer(`create database ${name}`);
      await onServer(`drop role ${owner}`);
    }
  });
});
