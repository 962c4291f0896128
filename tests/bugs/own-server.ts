import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createLogins, migrate, urlForLogin } from '@longshore/db';
import { type RunningPostgres, startPostgres } from '@longshore/local-postgres';
import { eventually, type TestDatabase } from '@longshore/test-kit';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { addOrg, type OrgWithKeys } from './add-org.ts';

/** A PostgreSQL of a test file's own, to be killed and restarted, with an org and its keys. */
export interface OwnServer {
  readonly database: TestDatabase;
  readonly keys: OrgWithKeys['keys'];
  /** As after a power cut: it recovers when it starts again. Resolves once it takes connections. */
  restartImmediately(): Promise<void>;
  /** Stops it and starts it as a standby, which can be read and not written; resolves with what promotes it. */
  restartAsStandby(): Promise<{ promote(): Promise<void> }>;
}

/** Starts it before the file's tests, stops it after them. Usable in tests. */
export const useOwnServer = (): OwnServer => {
  const dataDir = mkdtempSync(join(tmpdir(), 'longshore-bugs-'));
  chmodSync(dataDir, 0o755);
  let server: RunningPostgres;
  let promoting: Promise<RunningPostgres> | undefined;
  let opened: ReturnType<typeof openDatabase>;
  let prepared: Awaited<ReturnType<typeof prepare>>;

  beforeAll(async () => {
    server = await startPostgres({ dataDir });
    await migrate(server.url);
    prepared = await prepare(server.url);
    opened = openDatabase(server.url, prepared.apiUrl);
  }, 120_000);
  afterAll(async () => {
    if (promoting) await promote();
    await opened?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const promote = async (): Promise<void> => {
    await opened.database.query('select pg_promote(false)');
    server = await promoting!;
    promoting = undefined;
  };

  return {
    get database() {
      return opened.database;
    },
    get keys() {
      return prepared.keys;
    },
    restartImmediately: async () => {
      process.kill(server.pid, 'SIGQUIT');
      await server.stop();
      server = await startPostgres({ dataDir, port: server.port });
    },
    restartAsStandby: async () => {
      await server.stop();
      writeFileSync(join(dataDir, 'pgdata', 'standby.signal'), '');
      // It is started when it can be written to, so not before it is promoted.
      promoting = startPostgres({ dataDir, port: server.port });
      await eventually(() => opened.database.query('select pg_is_in_recovery()'), { timeoutMs: 60_000 });
      return { promote };
    },
  };
};

const prepare = async (url: string) => {
  const { keys } = await addOrg(url, 'bugs');
  const db = connect({ url, poolSize: 1 });
  try {
    const login = 'longshore_bugs_api';
    const password = await createLogins(db).ensureLogin({ login, role: 'api' });
    return { apiUrl: urlForLogin(url, login, password), keys };
  } finally {
    await db.close();
  }
};

const openDatabase = (url: string, apiUrl: string) => {
  const pool = new pg.Pool({ connectionString: url, max: 3 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const clients: pg.Client[] = [];
  const database: TestDatabase = {
    url,
    apiUrl,
    listenUrl: apiUrl,
    query: async (sql, params) => (await pool.query(sql, params)).rows,
    connect: async () => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
  };
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
    await pool.end();
  };
  return { database, close };
};
