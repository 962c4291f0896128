import { type TestDatabase, useDatabase } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { type RunningApi, startApi } from './start-api.ts';

const [plain, readOnly] = [useDatabase(), useDatabase()];
let api: RunningApi | undefined;
afterEach(() => api?.close());

const askReadiness = async (database: TestDatabase): Promise<Response> => {
  api = await startApi(
    readConfig({
      DATABASE_URL: database.apiUrl,
      LONGSHORE_LISTEN_DATABASE_URL: 'off',
      LONGSHORE_LOG_LEVEL: 'silent',
      LONGSHORE_PORT: '0',
    }),
  );
  return fetch(`${api.url}/health/ready`);
};

test('an API whose database takes writes is ready', async () => {
  const readiness = await askReadiness(plain);
  expect([readiness.status, await readiness.json()]).toEqual([200, { status: 'ready', listener: 'off' }]);
});

test('an API whose database takes no writes is not ready, and says why', async () => {
  const [row] = await readOnly.query<{ name: string }>('select current_database() as name');
  await readOnly.query(`alter database ${row!.name} set default_transaction_read_only = on`);
  const readiness = await askReadiness(readOnly);
  expect(readiness.status).toBe(503);
  expect(readiness.headers.get('retry-after')).toBe('1');
  expect(await readiness.json()).toEqual({
    status: 'not ready',
    listener: 'off',
    code: 'UNAVAILABLE',
    message: 'the database is read-only: nothing can be written to it',
    hint: expect.stringContaining('default_transaction_read_only'),
  });
});
