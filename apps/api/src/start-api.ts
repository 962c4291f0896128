import type { Writable } from 'node:stream';
import { LongshoreError } from '@longshore/contract';
import { connect, type Database, type KeyHash, readRoleFaults } from '@longshore/db';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import type { ConnectedListener, DisconnectedListener, WorkerPresence } from './live/presence.ts';
import type { WorkerMessageHandlers } from './live/worker-mail.ts';
import { createFailureLog, createLogger, type Logger } from './logger.ts';
import { createRoleGuard, type RoleGuard } from './role-guard.ts';

export interface RunningApi {
  /** Where it listens, such as `http://127.0.0.1:4455`. */
  url: string;
  /** Tells who is connected to any API process, and who goes. */
  presence: WorkerPresence;
  /** Answers parked calls, waits up to `closeSeconds` for those under way, then lets go of the database. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** The deployment's own hash function for keys, in the place of LONGSHORE_KEY_HASH_MODULE. */
  hashKey?: KeyHash;
  /** What takes the messages of workers, by their type: `{ 'cache.miss': (worker, body) => reply }`. */
  onWorkerMessage?: WorkerMessageHandlers;
  /** Where the log goes. Default standard error. */
  logTo?: Writable;
  /** As `presence.onWorkerConnected` of the running API. */
  onWorkerConnected?: ConnectedListener;
  /** As `presence.onWorkerDisconnected` of the running API. */
  onWorkerDisconnected?: DisconnectedListener;
  /** What makes the role of a connection unfit for the API, a sentence each. Default: what PostgreSQL says of it. */
  readRoleFaults?: (db: Database) => Promise<string[]>;
}

/**
 * Starts the API in this process. It starts without a database too, and is ready once there is one.
 * Throws SCHEMA_MISMATCH when the database role is not bound by row-level security, and INVALID_INPUT for bad TLS files.
 */
export const startApi = async (config: ApiConfig, options: StartOptions = {}): Promise<RunningApi> => {
  const logger = createLogger(config.logLevel, options.logTo);
  const noteFailure = createFailureLog(logger);
  const db = connect({
    url: config.databaseUrl,
    poolSize: config.poolSize,
    applicationName: 'longshore-api',
    onError: (error) => noteFailure('database connection', error),
  });
  try {
    const roleGuard = await guardRole(db, logger, options.readRoleFaults ?? readRoleFaults);
    const app = await buildApp({
      config,
      db,
      logger,
      roleGuard,
      hashKey: options.hashKey,
      onWorkerMessage: options.onWorkerMessage,
    });
    if (options.onWorkerConnected) app.presence.onWorkerConnected(options.onWorkerConnected);
    if (options.onWorkerDisconnected) app.presence.onWorkerDisconnected(options.onWorkerDisconnected);
    return await listen(config, db, app);
  } catch (error) {
    await db.close();
    throw error;
  }
};

/** The guard after a first look. Throws what it found; only a database that does not answer is waited for. */
const guardRole = async (
  db: Database,
  logger: Logger,
  readFaults: NonNullable<StartOptions['readRoleFaults']>,
): Promise<RoleGuard> => {
  const guard = createRoleGuard({
    readRoleFaults: () => readFaults(db),
    onFaults: (faults) => logger.error({ faults }, 'this database role is not safe to work as'),
  });
  try {
    await guard.check();
  } catch (error) {
    if (!(error instanceof LongshoreError && error.code === 'UNAVAILABLE')) throw error;
  }
  return guard;
};

const listen = async (config: ApiConfig, db: Database, app: FastifyInstance): Promise<RunningApi> => {
  const close = async (): Promise<void> => {
    await closeWithin(app, config.closeSeconds);
    await db.close();
  };
  try {
    const url = await app.listen({ host: config.host, port: config.port });
    return { url, presence: app.presence, close };
  } catch (error) {
    await closeWithin(app, config.closeSeconds);
    throw error;
  }
};

const closeWithin = async (app: FastifyInstance, seconds: number): Promise<void> => {
  const timer = setTimeout(() => app.cutConnections(), seconds * 1_000);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
};
