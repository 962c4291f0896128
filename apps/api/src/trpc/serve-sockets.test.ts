import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { connect } from '@longshore/db';
import { eventually, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../config.ts';
import { startApi } from '../start-api.ts';

const made = useApi();

/** A second API on the same database, whose log the test reads. */
const startLogged = async () => {
  const log = new PassThrough();
  const { apiUrl, listenUrl } = made.database;
  const api = await startApi(
    readConfig({
      DATABASE_URL: apiUrl,
      LONGSHORE_LISTEN_DATABASE_URL: listenUrl,
      LONGSHORE_LOG_LEVEL: 'error',
      LONGSHORE_PORT: '0',
    }),
    { logTo: log },
  );
  return { api, log };
};

test('a stream over WebSocket that fails by our own fault is logged, by its name alone', async () => {
  const { api, log } = await startLogged();
  const owner = connect({ url: made.database.url });
  await owner.pool.query('alter view longshore.all_jobs rename to all_jobs_away');
  const socket = new WebSocket(`${api.url.replace(/^http/, 'ws')}/trpc`, {
    headers: { authorization: `Bearer ${made.keys.submit}` },
  });
  try {
    await once(socket, 'open');
    const params = { path: 'jobs.watchBatch', input: { batchId: 'secret-batch' } };
    socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
    let text = '';
    await eventually(() => {
      text += log.read()?.toString() ?? '';
      return text.includes('call failed');
    });
    expect(text).toContain('"procedures":"jobs.watchBatch"');
    expect(text).not.toContain('secret-batch');
  } finally {
    socket.terminate();
    await owner.pool.query('alter view longshore.all_jobs_away rename to all_jobs');
    await Promise.all([owner.close(), api.close()]);
  }
});
