import { connect, type Database } from '@longshore/db';
import { readSql } from './sql-file.ts';

/** An empty database of one subject's own. */
export interface OwnDatabase {
  /** As the superuser. */
  url: string;
  pool: Database['pool'];
  /** Removes it, so that nothing vacuums it while the next subject is measured. */
  drop(): Promise<void>;
}

/** Makes an empty database for a subject on the server, in place of one that a failed run left behind. */
export const createOwnDatabase = async (serverUrl: string, subjectName: string): Promise<OwnDatabase> => {
  const name = databaseOf(subjectName);
  await changeServer(serverUrl, 'drop', name);
  await changeServer(serverUrl, 'make', name);
  const url = urlOfOwnDatabase(serverUrl, subjectName);
  const database = connect({ url, applicationName: 'bench', statementTimeoutMs });
  // An autovacuum gives way to us only after deadlock_timeout, which is as long as the usual patience of our connections.
  database.pool.on('connect', (connection) => void connection.query('set lock_timeout = 0').catch(() => {}));
  return {
    url,
    pool: database.pool,
    drop: async () => {
      await database.close();
      await changeServer(serverUrl, 'drop', name);
    },
  };
};

/** Where an open subject keeps its jobs, as the superuser: to seed it, or to hold a snapshot beside it. */
export const urlOfOwnDatabase = (serverUrl: string, subjectName: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${databaseOf(subjectName)}`;
  return url.href;
};

const databaseOf = (subjectName: string): string => `bench_${subjectName.replaceAll(/\W/g, '_')}`;

// Emptying or dropping what ten million jobs left behind takes a while.
const statementTimeoutMs = 300_000;

const statements = {
  make: readSql('./sql/make-database.sql', import.meta.url),
  drop: readSql('./sql/drop-database.sql', import.meta.url),
};

const changeServer = async (url: string, change: keyof typeof statements, name: string): Promise<void> => {
  const database = connect({ url, poolSize: 1, statementTimeoutMs });
  try {
    // Names of databases cannot be parameters: PostgreSQL quotes them itself.
    const { rows } = await database.pool.query<{ statement: string }>(statements[change], [name]);
    await database.pool.query(rows[0]!.statement);
  } finally {
    await database.close();
  }
};
