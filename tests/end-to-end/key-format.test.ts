import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readConfig, startApi } from '@longshore/api';
import { connect, createAdmin } from '@longshore/db';
import { createAdminClient } from '@longshore/sdk';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { call } from '../processes/call.ts';

const database = useDatabase();
const folder = mkdtempSync(join(tmpdir(), 'longshore-key-format-'));
const hashModule = join(folder, 'hash.mjs');
const hashKey = (key: string) => createHmac('sha256', 'a pepper').update(key).digest();
const settings = { LONGSHORE_KEY_PREFIX: 'acme', LONGSHORE_KEY_HASH_MODULE: hashModule };
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  writeFileSync(
    hashModule,
    `import { createHmac } from 'node:crypto';
     export default (key) => createHmac('sha256', 'a pepper').update(key).digest();`,
  );
  const db = connect({ url: database.url, poolSize: 1 });
  await createAdmin(db).createOrg('acme');
  await db.close();
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = async (env: Record<string, string>, options: Parameters<typeof startApi>[1] = {}) => {
  const shared = {
    DATABASE_URL: database.apiUrl,
    LONGSHORE_LISTEN_DATABASE_URL: database.listenUrl,
    LONGSHORE_LOG_LEVEL: 'silent',
    LONGSHORE_PORT: '0',
  };
  const api = await startApi(readConfig({ ...shared, ...env }), options);
  closers.push(api.close);
  return api;
};

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const makeAdminKey = async (env: Record<string, string>): Promise<string> => {
  const args = [main, 'keys', 'create', '--role', 'admin', '--org', 'acme', '--json'];
  const options = { env: { ...process.env, DATABASE_URL: database.url, ...env } };
  return JSON.parse((await promisify(execFile)(process.execPath, args, options)).stdout).apiKey;
};

test('prefix and hash function are used wherever a key is made, and wherever one is checked', async () => {
  const { url } = await start(settings);
  const fromShell = await makeAdminKey(settings);
  expect(fromShell).toMatch(/^acme_admin_/);
  const admin = createAdminClient({ url, apiKey: fromShell });
  const submit = await admin.keys.create({ role: 'submit', name: 'own' });
  const worker = await admin.workers.register({ name: 'own' });
  const rotated = await admin.keys.rotate({ id: submit.id });
  for (const key of [fromShell, submit.apiKey, worker.apiKey, rotated.apiKey]) {
    expect(key).toMatch(/^acme_/);
    expect((await createAdminClient({ url, apiKey: key }).whoami()).org).toBe('acme');
    const found = await database.query('select from longshore.api_keys where hash = $1', [hashKey(key)]);
    expect(found).toHaveLength(1);
  }
});

test('a key of the usual form is none there, and a key of that deployment is none elsewhere', async () => {
  const own = await makeAdminKey(settings);
  const usual = await makeAdminKey({});
  const refused = { status: 401 };
  const ownApi = await start(settings);
  expect(await call(ownApi.url, usual, 'workers.revokeAll', { all: true })).toMatchObject(refused);
  const usualApi = await start({});
  expect(await call(usualApi.url, own, 'workers.revokeAll', { all: true })).toMatchObject(refused);
  const samePrefix = await start({ LONGSHORE_KEY_PREFIX: 'acme' });
  expect(await call(samePrefix.url, own, 'workers.revokeAll', { all: true })).toMatchObject(refused);
});

test('who embeds the API hands it the function itself', async () => {
  const key = await makeAdminKey(settings);
  const { url } = await start({ LONGSHORE_KEY_PREFIX: 'acme' }, { hashKey });
  expect((await createAdminClient({ url, apiKey: key }).whoami()).role).toBe('admin');
});

test('an API with a hash function that cannot be used does not start', async () => {
  const short = join(folder, 'short.mjs');
  writeFileSync(short, 'export default () => new Uint8Array(20);');
  const none = join(folder, 'none.mjs');
  writeFileSync(none, 'export const hash = 1;');
  for (const path of [short, none, join(folder, 'missing.mjs')]) {
    await expect(start({ LONGSHORE_KEY_HASH_MODULE: path }), path).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'LONGSHORE_KEY_HASH_MODULE',
    });
  }
  expect(() => readConfig({ DATABASE_URL: 'postgres://x', LONGSHORE_KEY_PREFIX: 'No' })).toThrow(
    /LONGSHORE_KEY_PREFIX/,
  );
});
