import { connect } from '@longshore/db';
import { afterEach, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createLogger } from '../logger.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** What the API believes of a request from `remoteAddress` that brings these headers. */
const believe = async (
  proxies: string | undefined,
  remoteAddress: string,
  headers: Record<string, string>,
) => {
  const config = readConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    LONGSHORE_LISTEN_DATABASE_URL: 'off',
    ...(proxies && { LONGSHORE_TRUSTED_PROXIES: proxies }),
  });
  const db = connect({ url: config.databaseUrl });
  const app = await buildApp({ config, db, logger: createLogger('silent') });
  closers.push(async () => {
    await app.close();
    await db.close();
  });
  app.get('/who', async ({ ip, host, protocol }) => ({ ip, host, protocol }));
  const answer = await app.inject({ url: '/who', remoteAddress, headers: { host: 'api.test', ...headers } });
  return { ...answer.json(), hsts: 'strict-transport-security' in answer.headers };
};

const spoofed = {
  'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.0.0.2',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'https',
};
const plain = { host: 'api.test', protocol: 'http', hsts: false };

test('nobody is believed by default: a caller is his socket, whatever he says', async () => {
  for (const proxies of [undefined, 'none']) {
    expect(await believe(proxies, '192.0.2.1', spoofed)).toEqual({ ip: '192.0.2.1', ...plain });
    expect(await believe(proxies, '127.0.0.1', spoofed)).toEqual({ ip: '127.0.0.1', ...plain });
  }
});

test('a stranger who reaches the port past the proxy is not believed', async () => {
  expect(await believe('10.0.0.0/8', '192.0.2.1', spoofed)).toEqual({ ip: '192.0.2.1', ...plain });
});

test('behind trusted proxies the caller is the right-most address that is not one of theirs', async () => {
  const through = await believe('10.0.0.0/8', '10.0.0.1', spoofed);
  expect(through).toEqual({ ip: '203.0.113.9', host: 'evil.test', protocol: 'https', hsts: true });
  expect(await believe('10.0.0.0/8', '::ffff:10.0.0.1', spoofed)).toMatchObject({ ip: '203.0.113.9' });
});

test('addresses that a caller puts in front change nothing', async () => {
  for (const forged of ['', '1.1.1.1, ', '8.8.8.8, 9.9.9.9, ', 'unknown, ', '10.0.0.9, ']) {
    const headers = { 'x-forwarded-for': `${forged}203.0.113.9` };
    expect(await believe('10.0.0.0/8', '10.0.0.1', headers), forged).toMatchObject({ ip: '203.0.113.9' });
  }
});
