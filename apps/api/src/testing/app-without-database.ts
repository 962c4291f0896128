import { connect } from '@longshore/db';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createLogger } from '../logger.ts';

/** Well formed, so that only the database can tell that nobody has it. */
export const unknownKey = `lsh_submit_${'x'.repeat(43)}2nU1wB`;

/**
 * The app of a test file whose database is not there: nothing listens on port 9, so a key that is looked up is answered
 * UNAVAILABLE, and any other refusal came before that.
 */
export const useAppWithoutDatabase = (
  env: Record<string, string> = {},
): { readonly app: FastifyInstance } => {
  const config = readConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    LONGSHORE_LISTEN_DATABASE_URL: 'off',
    ...env,
  });
  const db = connect({ url: config.databaseUrl });
  let app: FastifyInstance | undefined;
  beforeAll(async () => {
    app = await buildApp({ config, db, logger: createLogger('silent') });
  });
  afterAll(async () => {
    await app?.close();
    await db.close();
  });
  return {
    get app() {
      if (!app) throw new Error('The app is built in beforeAll: use it in tests and later hooks only.');
      return app;
    },
  };
};
