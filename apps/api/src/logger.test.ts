import { Writable } from 'node:stream';
import { useDatabase } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { createLogger, traceError } from './logger.ts';
import { startApi } from './start-api.ts';

const database = useDatabase();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const capture = () => {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  return { sink, text: () => lines.join('') };
};

/** Well formed, so that only the database can tell that nobody has it. */
const unknownKey = `lsh_submit_${'x'.repeat(43)}2nU1wB`;
const canary = 'c4nary';
const leaseToken = '5ec2e7aa-0000-4000-8000-00000000beef';

test('a process that logs everything logs no key, payload, lease token or header of its callers', async () => {
  const { sink, text } = capture();
  const settings = {
    DATABASE_URL: database.apiUrl,
    LONGSHORE_LISTEN_DATABASE_URL: database.listenUrl,
    LONGSHORE_LOG_LEVEL: 'trace',
    LONGSHORE_PORT: '0',
    LONGSHORE_BODY_BYTES_MAX: '4096',
  };
  const api = await startApi(readConfig(settings), { logTo: sink });
  closers.push(api.close);
  const key = unknownKey;
  const call = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${api.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
        'x-api-key': key,
        cookie: `session=${canary}`,
        ...headers,
      },
      body,
    });
  const item = { id: leaseToken, leaseToken, result: canary, error: { message: canary } };
  await call('/trpc/jobs.submit', JSON.stringify({ kind: canary, payload: { canary } }));
  await call('/trpc/worker.complete', JSON.stringify({ items: [item] }));
  await call('/trpc/jobs.submit', `{"payload": "${canary}`);
  await call('/trpc/jobs.submit', canary.repeat(1_000));
  await call('/trpc/jobs.submit', canary, { 'content-type': `text/${canary}` });
  await call('/trpc/jobs.submit', '{}', { 'x-request-id': `${key}` });
  await call(`/trpc/${key}?input=${canary}`, '{}');
  await call(`/${canary}/${key}/%zz?${leaseToken}`, '{}');
  await fetch(`${api.url}/trpc/whoami,${canary}?batch=1&input=${leaseToken}`);
  await call('/trpc/whoami,jobs.submit?batch=1', JSON.stringify({ 1: { payload: canary } }));
  await api.close();

  expect(text()).toContain('"procedures":"jobs.submit"');
  for (const secret of [key, key.slice(-20), canary, leaseToken, new URL(database.apiUrl).password]) {
    expect(text()).not.toContain(secret);
  }
});

test('secrets that somebody hands to the logger are blanked, however deep and in whatever text', () => {
  const { sink, text } = capture();
  const logger = createLogger('trace', sink);
  const key = unknownKey.replace('lsh', 'acme');
  logger.info(
    { apiKey: canary, request: { headers: { cookie: canary } }, a: { 'x-api-key': canary } },
    'asked',
  );
  logger.info({ session: { job: { leaseToken: canary, payload: { canary } } } }, 'claimed');
  logger.error(new Error(`refused ${canary}`), 'failed');
  logger.error(new Error(`refused ${canary}`));
  logger.error({ err: new Error(`refused ${canary}`) });
  logger.warn(`the key ${key} is unknown`);
  expect(text()).toContain('[redacted]');
  expect(text()).toContain('the key [redacted] is unknown');
  expect(text()).not.toContain(canary);
  expect(text()).not.toContain(key);
});

test('the frames of an error are told without its message, even one that looks like frames', () => {
  const { frames } = traceError(new Error(`refused\n    at ${canary} (payload:1:1)`));
  expect(frames?.length).toBeGreaterThan(0);
  expect(frames?.join()).not.toContain(canary);
});
