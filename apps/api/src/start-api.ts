import { connect } from '@longshore/db';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import { createFailureLog, createLogger } from './logger.ts';

export interface RunningApi {
  /** Where it listens, such as `http://127.0.0.1:4455`. */
  url: string;
  /** Answers parked calls, waits up to `closeSeconds` for those under way, then lets go of the database. */
  close(): Promise<void>;
}

/** Starts the API in this process. It starts without a database too, and is ready once there is one. */
export const startApi = async (config: ApiConfig): Promise<RunningApi> => {
  const logger = createLogger(config.logLevel);
  const noteFailure = createFailureLog(logger);
  const db = connect({
    url: config.databaseUrl,
    poolSize: config.poolSize,
    applicationName: 'longshore-api',
    onError: (error) => noteFailure('database connection', error),
  });
  const app = await buildApp({ config, db, logger });
  const close = async (): Promise<void> => {
    await closeWithin(app, config.closeSeconds);
    await db.close();
  };
  try {
    const url = await app.listen({ host: config.host, port: config.port });
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const closeWithin = async (app: FastifyInstance, seconds: number): Promise<void> => {
  const timer = setTimeout(() => app.server.closeAllConnections(), seconds * 1_000);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
};
