import { setTimeout as delay } from 'node:timers/promises';
import { LongshoreError } from '@longshore/contract';
import pg from 'pg';
import { toLongshoreError } from './database-error.ts';
import {
  type MigrationFile,
  ownRelease,
  type Release,
  readMigrations,
  readSettled,
} from './migration-files.ts';
import { inPatientTransaction, lockTimeoutMs } from './patient-transaction.ts';
import { applyFunctions, compareReleases, readSchemaRelease } from './schema-functions.ts';

/** Any number will do, as long as every version of Longshore uses the same. */
const lockKey = 7_265_331_801;

type AppliedMigration = Pick<MigrationFile, 'name' | 'sha256'>;

export interface MigrateOptions {
  /** Told the name of each step as it begins. */
  onStep?: (name: string) => void;
  /** Whose schema to apply. Default: that of the release this code belongs to. */
  release?: Release;
}

/**
 * Brings the schema to this version: numbered files run once, each in a transaction; the functions are applied every time.
 * Any number of processes may call it at once, beside processes of the release before. Takes a direct connection. Throws
 * SCHEMA_MISMATCH when the database is newer than this code or an applied file has been edited, INVALID_INPUT behind a pooler,
 * UNAVAILABLE when the database cannot be reached or somebody holds a lock for minutes.
 */
export const migrate = async (url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'longshore-migrate',
    connectionTimeoutMillis: 10_000,
    lock_timeout: lockTimeoutMs,
  });
  client.on('error', () => {});
  try {
    const release = options.release ?? (await ownRelease());
    await connectDirectly(client);
    await requireVersion15(client);
    await lock(client);
    await requireNoNewer(client, release);
    await applyRoles(client, release);
    const applied = await applyMigrations(client, await readMigrations(release.folder), options);
    options.onStep?.('functions');
    await applyFunctions(client, release);
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

/** A lock of the session and its lock_timeout mean nothing behind a pooler, which refuses the latter or drops it. */
const connectDirectly = async (client: pg.Client): Promise<void> => {
  try {
    await client.connect();
    const { rows } = await client.query<{ lock_timeout: string }>('show lock_timeout');
    if (rows[0]!.lock_timeout === `${lockTimeoutMs}ms`) return;
  } catch (error) {
    if (!/unsupported startup parameter/.test((error as Error).message)) throw error;
  }
  throw new LongshoreError('INVALID_INPUT', 'this is a connection through a pooler', {
    hint: 'Run migrate over a direct connection to PostgreSQL.',
  });
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

/** The functions of a release serve the one before too, never the other way round. */
const requireNoNewer = async (client: pg.Client, { version }: Release): Promise<void> => {
  const found = await readSchemaRelease(client);
  if (found === null || compareReleases(found, version) <= 0) return;
  throw new LongshoreError(
    'SCHEMA_MISMATCH',
    `the database is of release ${found}, newer than this one, ${version}`,
    {
      hint: 'Deploy that release or a later one. To go back, replace the processes and leave the schema: it serves them too.',
    },
  );
};

const applyMigrations = async (
  client: pg.Client,
  files: MigrationFile[],
  options: MigrateOptions,
): Promise<string[]> => {
  await inPatientTransaction(client, 'schema', async () => {
    await client.query('create schema if not exists longshore');
    await client.query(
      `create table if not exists longshore.schema_migrations (
         name text primary key, sha256 text not null, applied_at timestamptz not null default now()
       )`,
    );
  });
  const { rows } = await client.query<AppliedMigration>(
    'select name, sha256 from longshore.schema_migrations',
  );
  const pending = pendingAmong(files, rows);
  for (const file of pending) {
    options.onStep?.(file.name);
    await inPatientTransaction(client, file.name, async () => {
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

const applyRoles = async (client: pg.Client, { folder }: Release): Promise<void> => {
  const roles = await readSettled(folder, 'roles.sql');
  try {
    await inPatientTransaction(client, 'roles.sql', async () => void (await client.query(roles)));
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new LongshoreError('FORBIDDEN', 'this login may not make the roles that Longshore runs as', {
      hint: 'Give it CREATEROLE; if another login made the roles: grant longshore_door, longshore_system to it with admin option.',
      cause: error,
    });
  }
};
