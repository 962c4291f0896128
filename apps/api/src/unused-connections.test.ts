import { once } from 'node:events';
import { connect } from 'node:net';
import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { startApi } from './start-api.ts';

const database = useDatabase();

test('a close does not wait for a connection that was opened and never used', async () => {
  const patient = { LONGSHORE_CLOSE_SECONDS: '3600', LONGSHORE_LOG_LEVEL: 'silent', LONGSHORE_PORT: '0' };
  const api = await startApi(
    readConfig({
      ...patient,
      DATABASE_URL: database.apiUrl,
      LONGSHORE_LISTEN_DATABASE_URL: database.listenUrl,
    }),
  );
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  await once(socket, 'connect');
  // An answer on another connection shows that the server has accepted the first.
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  const ended = once(socket, 'close');
  await api.close();
  await ended;
});
