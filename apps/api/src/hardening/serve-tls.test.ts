import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startApi } from '../start-api.ts';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const folder = mkdtempSync(join(tmpdir(), 'longshore-tls-'));
const certFile = join(folder, 'cert.pem');
const keyFile = join(folder, 'key.pem');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configWith = (env: Record<string, string>) =>
  readConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    LONGSHORE_LISTEN_DATABASE_URL: 'off',
    LONGSHORE_LOG_LEVEL: 'silent',
    LONGSHORE_PORT: '0',
    LONGSHORE_CLOSE_SECONDS: '3600',
    ...env,
  });
const withTls = () => configWith({ LONGSHORE_TLS_CERT_FILE: certFile, LONGSHORE_TLS_KEY_FILE: keyFile });

test('a TLS file that is missing or no certificate stops the start by name', async () => {
  await expect(startApi(withTls())).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    field: 'LONGSHORE_TLS_CERT_FILE',
  });
  const junk = join(folder, 'junk.pem');
  writeFileSync(junk, 'no certificate');
  await expect(
    startApi(configWith({ LONGSHORE_TLS_CERT_FILE: junk, LONGSHORE_TLS_KEY_FILE: junk })),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('PEM') });
});

describe.skipIf(!hasOpenssl)('with a certificate', () => {
  beforeAll(() => {
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...made, ...names, '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
  });
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const ask = async (url: string) => {
    const request = get(`${url}/health/live`, { ca: readFileSync(certFile), agent: false });
    const [answer] = await once(request, 'response');
    answer.resume();
    return answer;
  };

  test('the API serves HTTPS, says so to browsers, and nothing over plain HTTP', async () => {
    const api = await startApi(withTls());
    closers.push(api.close);
    expect(api.url).toMatch(/^https:/);
    const answer = await ask(api.url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    await expect(fetch(`${api.url.replace('https', 'http')}/health/live`)).rejects.toThrow('fetch failed');
  });

  test('a close does not wait for a connection that never began its handshake', async () => {
    const api = await startApi(withTls());
    const socket = connectSocket(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    expect((await ask(api.url)).statusCode).toBe(200);
    const ended = once(socket, 'close');
    await api.close();
    await ended;
  });
});
