import { randomBytes } from 'node:crypto';
import { urlForLogin } from '@longshore/db';
import pg from 'pg';
import { inject } from 'vitest';
import { runOnServer, urlOfDatabase } from './admin-connection.ts';
import type { ApiLogin } from './api-login.ts';
import { noteDatabase } from './evidence.ts';
import { type Pooling, throughPooler } from './pooling.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a role that may create databases. */
    adminUrl: string;
    /** Name of the migrated database that each test file's own is copied from. */
    templateName: string;
    /** What API processes connect with. */
    apiLogin: ApiLogin;
    /** The pooler that API processes of this run go through; null without one. */
    pooling: Pooling | null;
    /** Where the logs of this run are kept; see evidence.ts. */
    evidenceFolder: string;
  }
}

/** A migrated database of a test file's own. */
export interface TestDatabase {
  /** As the owner of the schema, whom no wall stops. */
  readonly url: string;
  /** As API processes connect: a member of longshore_api, behind row-level security. */
  readonly apiUrl: string;
  /** Where API processes LISTEN, as LONGSHORE_LISTEN_DATABASE_URL takes it. */
  readonly listenUrl: string;
  /** Runs one statement on a pooled connection; answers with the rows. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** A connection of its own, for transactions and races. Closed with the database at the latest. */
  connect(): Promise<pg.Client>;
}

/** Copies the template into a new database; `drop` closes every connection and removes it. */
export const createTestDatabase = async (): Promise<TestDatabase & { drop(): Promise<void> }> => {
  const adminUrl = inject('adminUrl');
  const name = `longshore_test_${randomBytes(6).toString('hex')}`;
  // Copying files takes a third of the time that replaying them through the WAL does (62 tables: 10 ms against 27).
  await runOnServer(
    adminUrl,
    `create database ${name} template ${inject('templateName')} strategy file_copy`,
  );
  const database = openTestDatabase(urlOfDatabase(adminUrl, name));
  const drop = async () => {
    await noteDatabase(database);
    await database.close();
    await runOnServer(adminUrl, `drop database ${name} with (force)`);
  };
  return { ...database, drop };
};

const openTestDatabase = (url: string): TestDatabase & { close(): Promise<void> } => {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // Dropping the database by force may reach a connection before its goodbye does; nobody waits for it any more.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const clients: pg.Client[] = [];
  const { login, password } = inject('apiLogin');
  return {
    url,
    ...throughPooler(urlForLogin(url, login, password), inject('pooling')),
    query: async (sql, params) => (await pool.query(sql, params)).rows,
    connect: async () => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.end()));
      await pool.end();
    },
  };
};
