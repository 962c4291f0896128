import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const DATABASE_URL = 'postgres://longshore:hunter2@127.0.0.1:5432/longshore';

test('a database URL is all it takes', () => {
  expect(readConfig({ DATABASE_URL })).toMatchObject({
    databaseUrl: DATABASE_URL,
    listenDatabaseUrl: DATABASE_URL,
    host: '127.0.0.1',
    port: 4455,
    sweepSeconds: 5,
  });
});

test('one error names every bad variable, what was found and what is allowed', () => {
  expect(() => readConfig({ DATABASE_URL, LONGSHORE_PORT: 'abc', LONGSHORE_LOG_LEVEL: 'loud' })).toThrow(
    'LONGSHORE_PORT is "abc"; allowed: a whole number from 0 to 65535\n' +
      'LONGSHORE_LOG_LEVEL is "loud"; allowed: one of fatal, error, warn, info, debug, trace, silent',
  );
});

test('a refused database URL does not show its password', () => {
  const read = () => readConfig({ DATABASE_URL: 'mysql://root:hunter2@host/db' });
  expect(read).toThrow('DATABASE_URL is a URL that starts with "mysql:"; allowed: a URL like postgres://');
  expect(read).not.toThrow('hunter2');
});

test('an empty variable counts as not set', () => {
  expect(readConfig({ DATABASE_URL, LONGSHORE_PORT: '' }).port).toBe(4455);
  expect(() => readConfig({ DATABASE_URL: '' })).toThrow('DATABASE_URL is not set');
});

test('listening can be switched off', () => {
  expect(readConfig({ DATABASE_URL, LONGSHORE_LISTEN_DATABASE_URL: 'off' }).listenDatabaseUrl).toBeNull();
});

test('the body limit follows a larger payload limit', () => {
  const payloadBytesMax = 64 * 1_048_576;
  const config = readConfig({ DATABASE_URL, LONGSHORE_PAYLOAD_BYTES_MAX: String(payloadBytesMax) });
  expect(config.bodyBytesMax).toBeGreaterThan(payloadBytesMax);
});
