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
  const polling = { DATABASE_URL, LONGSHORE_LISTEN_DATABASE_URL: 'off' };
  expect(readConfig(polling)).toMatchObject({ listenDatabaseUrl: null, sweepSeconds: 2.5 });
  expect(readConfig({ ...polling, LONGSHORE_SWEEP_SECONDS: '7' }).sweepSeconds).toBe(7);
});

test('the body limit follows a larger payload limit', () => {
  const payloadBytesMax = 64 * 1_048_576;
  const config = readConfig({ DATABASE_URL, LONGSHORE_PAYLOAD_BYTES_MAX: String(payloadBytesMax) });
  expect(config.bodyBytesMax).toBeGreaterThan(payloadBytesMax);
});

test('every size can be set, up to what the schemas and the database bear', () => {
  const { sizes } = readConfig({ DATABASE_URL, LONGSHORE_ERROR_BYTES_MAX: '1000', LONGSHORE_TAGS_MAX: '8' });
  expect(sizes).toEqual({
    payloadBytesMax: 1_048_576,
    resultBytesMax: 1_048_576,
    progressBytesMax: 65_536,
    outputLineBytesMax: 16_384,
    errorBytesMax: 1_000,
    metadataBytesMax: 16_384,
    tagsMax: 8,
    tagCharsMax: 128,
  });
  expect(() => readConfig({ DATABASE_URL, LONGSHORE_TAGS_MAX: '65' })).toThrow(
    'LONGSHORE_TAGS_MAX is "65"; allowed: a whole number from 1 to 64',
  );
});

test('an address that others can reach takes TLS or a word about the proxy', () => {
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'longshore.internal', '127.0.0.1.example.com']) {
    expect(() => readConfig({ DATABASE_URL, LONGSHORE_HOST: host }), host).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        field: 'LONGSHORE_HOST',
        hint: expect.stringMatching(/LONGSHORE_TLS_CERT_FILE.*LONGSHORE_TRUSTED_PROXIES.*none/),
      }),
    );
  }
  const open = { DATABASE_URL, LONGSHORE_HOST: '0.0.0.0' };
  const tls = { LONGSHORE_TLS_CERT_FILE: 'cert.pem', LONGSHORE_TLS_KEY_FILE: 'key.pem' };
  expect(readConfig({ ...open, ...tls }).tls).toEqual({ certFile: 'cert.pem', keyFile: 'key.pem' });
  expect(readConfig({ ...open, LONGSHORE_TRUSTED_PROXIES: 'none' }).trustedProxies).toEqual([]);
  const proxies = readConfig({ ...open, LONGSHORE_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.7,::1' });
  expect(proxies.trustedProxies).toEqual(['10.0.0.0/8', '192.0.2.7', '::1']);
});

test('loopback needs neither', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) {
    expect(readConfig({ DATABASE_URL, LONGSHORE_HOST: host })).toMatchObject({
      host,
      tls: null,
      trustedProxies: [],
    });
  }
});

test('one TLS file without the other is refused by name', () => {
  expect(() => readConfig({ DATABASE_URL, LONGSHORE_TLS_CERT_FILE: 'cert.pem' })).toThrow(
    'LONGSHORE_TLS_KEY_FILE is not set',
  );
});

test('a proxy that is no address, or stands for everybody, is refused', () => {
  for (const proxies of [
    'yes',
    '*',
    '1',
    'loopback',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.1,',
    'none,10.0.0.1',
  ]) {
    expect(() => readConfig({ DATABASE_URL, LONGSHORE_TRUSTED_PROXIES: proxies }), proxies).toThrow(
      'LONGSHORE_TRUSTED_PROXIES is',
    );
  }
});
