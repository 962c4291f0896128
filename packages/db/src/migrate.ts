import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LongshoreError } from '@longshore/contract';
import pg from 'pg';
import { toLongshoreError } from './database-error.ts';

const migrationsFolder = new URL('../../../migrations/', import.meta.url);
/** Any number will do, as long as every version of Longshore uses the same. */
const lockKey = 7_265_331_801;

interface MigrationFile {
  name: string;
  sql: string;
  sha256: string;
}

type AppliedMigration = Pick<MigrationFile, 'name' | 'sha256'>;

export interface MigrateOptions {
  /** Told the name of each step as it begins. */
  onStep?: (name: string) => void;
}

/**
 * Brings the schema to this version: numbered files run once, each in a transaction; the functions are applied every time.
 * Any number of processes may call it at once. Throws SCHEMA_MISMATCH when the database is newer than this code or an
 * applied file has been edited, UNAVAILABLE when the database cannot be reached.
 */
export const migrate = async (url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'longshore-migrate',
    connectionTimeoutMillis: 10_000,
    // A change that waits for a lock makes everybody else wait behind it: better to fail and be run again.
    lock_timeout: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await requireVersion15(client);
    await lock(client);
    await applyRoles(client);
    const applied = await applyMigrations(client, await readMigrations(), options);
    options.onStep?.('functions');
    await applyFunctions(client);
    await client.query('select longshore.ensure_partitions()');
    return { applied };
  } catch (error) {
    throw toLongshoreError(error);
  } finally {
    await client.end().catch(() => {});
  }
};

/** The migrations this code knows that the database has not seen. Throws SCHEMA_MISMATCH when the database is newer. */
export const pendingMigrations = async (pool: pg.Pool): Promise<string[]> =>
  pendingAmong(await readMigrations(), await readApplied(pool)).map((file) => file.name);

/** The same for a running process: a newer database is no trouble, as old processes meet one during a rolling deploy. */
export const missingMigrations = async (pool: pg.Pool): Promise<string[]> =>
  notApplied(await readMigrations(), await readApplied(pool)).map((file) => file.name);

const readApplied = async (pool: pg.Pool): Promise<AppliedMigration[]> => {
  try {
    const { rows } = await pool.query<AppliedMigration>(
      'select name, sha256 from longshore.schema_migrations',
    );
    return rows;
  } catch (error) {
    if ((error as { code?: string }).code === '42P01' || (error as { code?: string }).code === '3F000') {
      return [];
    }
    throw toLongshoreError(error);
  }
};

const requireVersion15 = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  if (rows[0]!.version < 150_000) {
    throw new LongshoreError('SCHEMA_MISMATCH', `PostgreSQL ${rows[0]!.version} is too old`, {
      hint: 'Longshore runs on PostgreSQL 15 to 18.',
    });
  }
};

/**
 * Polls the lock instead of waiting in it: a waiter inside pg_advisory_lock holds a snapshot, for which
 * CREATE INDEX CONCURRENTLY in the holder would wait in turn.
 */
const lock = async (client: pg.Client): Promise<void> => {
  for (;;) {
    const { rows } = await client.query<{ is_mine: boolean }>('select pg_try_advisory_lock($1) as is_mine', [
      lockKey,
    ]);
    if (rows[0]!.is_mine) return;
    await delay(50);
  }
};

const applyMigrations = async (
  client: pg.Client,
  files: MigrationFile[],
  options: MigrateOptions,
): Promise<string[]> => {
  await client.query('create schema if not exists longshore');
  await client.query(
    `create table if not exists longshore.schema_migrations (
       name text primary key, sha256 text not null, applied_at timestamptz not null default now()
     )`,
  );
  const { rows } = await client.query<AppliedMigration>(
    'select name, sha256 from longshore.schema_migrations',
  );
  const pending = pendingAmong(files, rows);
  for (const file of pending) {
    options.onStep?.(file.name);
    await inTransaction(client, async () => {
      await client.query(file.sql);
      await client.query('insert into longshore.schema_migrations (name, sha256) values ($1, $2)', [
        file.name,
        file.sha256,
      ]);
    });
  }
  return pending.map((file) => file.name);
};

const pendingAmong = (files: MigrationFile[], applied: AppliedMigration[]): MigrationFile[] => {
  const known = new Map(files.map((file) => [file.name, file]));
  for (const { name, sha256 } of applied) {
    const file = known.get(name);
    if (!file) {
      throw new LongshoreError('SCHEMA_MISMATCH', `the database is newer than this version: it has ${name}`, {
        hint: 'Deploy the version of Longshore that made this schema, or a later one.',
      });
    }
    if (file.sha256 !== sha256) {
      throw new LongshoreError('SCHEMA_MISMATCH', `${name} was edited after it had been applied`, {
        hint: 'Restore the file and put the change into a new one.',
      });
    }
  }
  return notApplied(files, applied);
};

const notApplied = (files: MigrationFile[], applied: AppliedMigration[]): MigrationFile[] => {
  const done = new Set(applied.map(({ name }) => name));
  return files.filter((file) => !done.has(file.name));
};

const applyRoles = async (client: pg.Client): Promise<void> => {
  try {
    await applyFile(client, 'roles.sql');
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new LongshoreError('FORBIDDEN', 'this login may not make the roles that Longshore runs as', {
      hint: 'Give it CREATEROLE; if another login made the roles: grant longshore_door, longshore_system to it with admin option.',
      cause: error,
    });
  }
};

const applyFile = async (client: pg.Client, name: string): Promise<void> => {
  await client.query(await readFile(new URL(name, migrationsFolder), 'utf8'));
};

/** Functions and grants change together: a caller sees either the old set or the new one. What is no longer in the folder goes. */
const applyFunctions = async (client: pg.Client): Promise<void> => {
  const files = await readFolder(new URL('functions/', migrationsFolder), /\.sql$/);
  await inTransaction(client, async () => {
    await client.query('set local check_function_bodies = off');
    const before = new Set((await readFunctions(client)).map((known) => known.version));
    for (const file of files) await applyFunctionFile(client, file);
    const untouched = (await readFunctions(client)).filter((known) => before.has(known.version));
    for (const { signature } of untouched) await client.query(`drop function ${signature}`);
    await applyFile(client, 'grants.sql');
  });
};

/** `version` changes whenever a function is replaced: every row version has its own transaction id. */
const readFunctions = async (client: pg.Client): Promise<{ signature: string; version: string }[]> => {
  const { rows } = await client.query<{ signature: string; version: string }>(
    `select oid::regprocedure::text as signature, concat(oid, ' ', xmin) as version
     from pg_proc where pronamespace = 'longshore'::regnamespace`,
  );
  return rows;
};

const applyFunctionFile = async (client: pg.Client, file: MigrationFile): Promise<void> => {
  await client.query('savepoint before_file');
  try {
    await client.query(file.sql);
  } catch (error) {
    // 42P13: the result type or a parameter's name has changed, which "or replace" cannot do.
    if ((error as { code?: string }).code !== '42P13')
      throw new Error(`${file.name}: ${(error as Error).message}`, { cause: error });
    await client.query('rollback to savepoint before_file');
    const { rows } = await client.query<{ signature: string }>(
      `select oid::regprocedure::text as signature from pg_proc
       where pronamespace = 'longshore'::regnamespace and proname = any ($1)`,
      [[...file.sql.matchAll(/create or replace function longshore\.(\w+)/g)].map((match) => match[1])],
    );
    for (const { signature } of rows) await client.query(`drop function ${signature}`);
    await client.query(file.sql);
  }
};

const inTransaction = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
};

const readMigrations = (): Promise<MigrationFile[]> => readFolder(migrationsFolder, /^\d{4}_[\w-]+\.sql$/);

const readFolder = async (folder: URL, pattern: RegExp): Promise<MigrationFile[]> => {
  const names = (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};
