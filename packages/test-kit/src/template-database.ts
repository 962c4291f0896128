import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@longshore/db';
import { runOnServer, urlOfDatabase } from './admin-connection.ts';

const migrationsFolder = join(import.meta.dirname, '../../../migrations');
const duplicateDatabase = '42P04';

/**
 * Makes a database with all migrations applied, or finds the one that an earlier run on the same server made
 * from the same files. Answers with its name.
 */
export const buildTemplate = async (adminUrl: string): Promise<string> => {
  const name = `longshore_template_${hashMigrations()}`;
  const found = await runOnServer(adminUrl, 'select from pg_database where datname = $1', [name]);
  if (found.length === 0) await buildAside(adminUrl, name);
  return name;
};

/** Built under another name, so that a run at the same time never copies a template that is half migrated. */
const buildAside = async (adminUrl: string, name: string): Promise<void> => {
  const aside = `${name}_${process.pid}`;
  await runOnServer(adminUrl, `drop database if exists ${aside} with (force)`);
  await runOnServer(adminUrl, `create database ${aside}`);
  try {
    await migrate(urlOfDatabase(adminUrl, aside));
    await runOnServer(adminUrl, `alter database ${aside} rename to ${name}`);
  } catch (error) {
    await runOnServer(adminUrl, `drop database ${aside} with (force)`);
    if ((error as { code?: string }).code !== duplicateDatabase) throw error;
  }
};

const hashMigrations = (): string => {
  const hash = createHash('sha256');
  const files = readdirSync(migrationsFolder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.endsWith('.sql')).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(migrationsFolder, file)));
  }
  return hash.digest('hex').slice(0, 12);
};
