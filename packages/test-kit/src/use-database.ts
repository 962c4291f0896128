import { afterAll, beforeAll } from 'vitest';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/**
 * Gives the test file (or the `describe` it is called in) a fresh migrated database, and drops it at the end.
 * Usable from `beforeAll` hooks registered after it, and in tests.
 */
export const useDatabase = (): TestDatabase => {
  let database: Awaited<ReturnType<typeof createTestDatabase>> | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());

  const opened = (): TestDatabase => {
    if (!database)
      throw new Error('The test database opens in beforeAll: use it in tests and later hooks only.');
    return database;
  };
  return {
    get url() {
      return opened().url;
    },
    get apiUrl() {
      return opened().apiUrl;
    },
    get listenUrl() {
      return opened().listenUrl;
    },
    query: (sql, params) => opened().query(sql, params),
    connect: () => opened().connect(),
  };
};
