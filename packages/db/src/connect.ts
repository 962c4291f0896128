import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

export interface ConnectOptions {
  url: string;
  /** Connections at most. Default 10. */
  poolSize?: number;
  applicationName?: string;
  /**
   * The server ends a statement after this long, whatever the login's own deadlines are. Only over a direct connection: it is
   * sent as it opens, which poolers refuse. Left out, the login's hold, and the client waits 15 s.
   */
  statementTimeoutMs?: number;
  /** Told about connections that break while idle; without it they are only replaced. */
  onError?: (error: Error) => void;
}

/** A pool of connections, and kysely over the same pool. Rows are read and written through `readAs` and `inOrg` of org-scope.ts. */
export interface Database {
  readonly pool: pg.Pool;
  readonly kysely: Kysely<Schema>;
  close(): Promise<void>;
}

/** Opens a pool. Nothing connects before the first query. */
export const connect = (options: ConnectOptions): Database => {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? 'longshore',
    connectionTimeoutMillis: 5_000,
    ...(options.statementTimeoutMs !== undefined && deadlinesOfItsOwn(options.statementTimeoutMs)),
    // A half-open socket never answers; the client gives up a little after the server would have.
    query_timeout: (options.statementTimeoutMs ?? loginStatementTimeoutMs) + 5_000,
    keepAlive: true,
    // A read in its org's transaction is four statements and one round trip; see org-scope.ts.
    pipeline: true,
  });
  // Without listeners a connection that breaks while idle ends the process (node-postgres #1324, #3083).
  pool.on('error', (error) => options.onError?.(error));
  pool.on('connect', (client) => client.on('error', () => {}));
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { pool, kysely, close: () => kysely.destroy() };
};

/** What ensure_login.sql gives the logins of API processes: as a setting of the login it holds behind any pooler. */
const loginStatementTimeoutMs = 10_000;

const deadlinesOfItsOwn = (statementTimeoutMs: number) => ({
  statement_timeout: statementTimeoutMs,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 10_000,
});
