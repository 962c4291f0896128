import {
  type Admin,
  createAdmin,
  type Database,
  databaseActor,
  type KeyFormat,
  loadKeyFormat,
} from '@longshore/db';
import type { Environment } from './command.ts';
import { type DatabaseSource, inDatabase } from './in-database.ts';

/**
 * Works straight in the database, as whoever holds its URL may, and makes keys of the form that the deployment is set to.
 * Throws INVALID_INPUT when no database is named.
 */
export const withDatabaseAdmin = async <Answer>(
  source: DatabaseSource,
  work: (admin: Admin, db: Database) => Promise<Answer>,
): Promise<Answer> => {
  const keyFormat = await readKeyFormat(source.env);
  return inDatabase(source, (db) => work(createAdmin(db, databaseActor, keyFormat), db));
};

/** The settings of keys that the API reads too: both must be told the same. */
export const keySettingsIn = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    ['LONGSHORE_KEY_PREFIX', 'LONGSHORE_KEY_HASH_MODULE'].flatMap((name) =>
      env[name] ? [[name, env[name]]] : [],
    ),
  );

/** Throws INVALID_INPUT for settings that cannot be used. */
export const readKeyFormat = (env: Environment): Promise<KeyFormat> =>
  loadKeyFormat({
    prefix: env.LONGSHORE_KEY_PREFIX || undefined,
    hashModule: env.LONGSHORE_KEY_HASH_MODULE || undefined,
  });
