import { connect, type Database } from '@longshore/db';
import type { Environment } from './command.ts';
import { findDatabaseUrl } from './connections.ts';

/** What says which database to work on. */
export interface DatabaseSource {
  readonly values: { readonly 'database-url'?: string | undefined };
  readonly env: Environment;
}

/** Works on the database itself, past the API: for whoever owns the deployment. Throws INVALID_INPUT when none is named. */
export const inDatabase = async <Answer>(
  { values, env }: DatabaseSource,
  work: (db: Database, url: string) => Promise<Answer>,
): Promise<Answer> => {
  const url = findDatabaseUrl(values, env);
  const db = connect({ url, poolSize: 1, applicationName: 'longshore-cli' });
  try {
    return await work(db, url);
  } finally {
    await db.close();
  }
};
