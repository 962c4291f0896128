import { createHash, randomUUID } from 'node:crypto';
import type { ApiKey } from '@longshore/contract';
import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { exitCodes } from './exit-codes.ts';
import { callLongshore } from './testing/run-longshore.ts';

const api = useApi();
const run = (...args: string[]) =>
  callLongshore([...args, '--json'], {
    LONGSHORE_URL: api.url,
    LONGSHORE_API_KEY: api.keys.admin,
    DATABASE_URL: api.database.url,
  });
const ask = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await run(...args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: exitCodes.ok });
  return JSON.parse(stdout);
};
const whoAmI = async (key: string): Promise<number> =>
  (await fetch(`${api.url}/trpc/whoami`, { headers: { 'x-api-key': key } })).status;

test('a key that expires is made, rotated and listed with what may be shown of it', async () => {
  const made = await ask('keys', 'create', '--role', 'submit', '--expires-in-seconds', '3600');
  const rotated = await ask('keys', 'rotate', made.id, '--overlap-seconds', '60');
  expect(rotated).toMatchObject({ rotatedFrom: made.id, expiresAt: made.expiresAt });
  expect(Date.parse(rotated.oldKeyExpiresAt)).toBeLessThan(Date.parse(made.expiresAt));
  const { stdout } = await callLongshore(['keys', 'list'], {
    LONGSHORE_URL: api.url,
    LONGSHORE_API_KEY: api.keys.admin,
  });
  expect(stdout).toContain(`lsh_submit_...${rotated.apiKey.slice(-4)}`);
  expect(stdout).not.toContain(rotated.apiKey);
});

test('a worker is registered by the hash of a key that was made elsewhere', async () => {
  const key = `elsewhere-${randomUUID()}`;
  const hash = createHash('sha256').update(key).digest('base64');
  const args = ['workers', 'register', 'elsewhere', '--key-hash', hash];
  expect((await run(...args)).exitCode).toBe(exitCodes.usage);
  expect((await run(...args, '--encoding', 'hex')).exitCode).toBe(exitCodes.usage);
  const { id } = await ask(...args, '--encoding', 'base64', '--key-start', 'elsewhere');
  expect(await whoAmI(key)).toBe(200);
  const keys: ApiKey[] = await ask('keys', 'list');
  expect(keys.find(({ workerId }) => workerId === id)).toMatchObject({ start: 'elsewhere', last4: null });
});

test('the keys of better-auth are shown first and taken then', async () => {
  const key = `acme_${'Q'.repeat(64)}`;
  await api.database.query('create table public.apikey (id text, name text, start text, key text)');
  await api.database.query('insert into public.apikey values ($1, $2, $3, $4), ($5, null, null, $6)', [
    'first',
    'gpu box',
    'acme_Q',
    createHash('sha256').update(key).digest('base64url'),
    'second',
    'a key that nobody hashed',
  ]);
  const args = ['keys', 'import-better-auth', '--from-url', api.database.url, '--org', api.org];
  expect((await run(...args)).exitCode).toBe(exitCodes.usage);
  const first = { sourceId: 'first', name: 'gpu box', outcome: 'imported' };
  const second = { sourceId: 'second', outcome: 'not a hash', keyId: null };
  const dry = await ask(...args, '--role', 'worker', '--dry-run');
  expect(dry).toMatchObject([first, second]);
  expect(await whoAmI(key)).toBe(401);

  const { stdout } = await callLongshore([...args, '--role', 'worker'], { DATABASE_URL: api.database.url });
  expect(stdout).toMatch(/first +gpu box +imported/);
  expect(stdout).toContain('1 of 2 keys imported');
  expect(stdout).not.toContain('nobody hashed');
  await expect.poll(() => whoAmI(key)).toBe(200);
  expect(await ask(...args, '--role', 'worker')).toMatchObject([{ outcome: 'duplicate' }, second]);
  expect((await run(...args, '--role', 'worker', '--table', 'nowhere')).exitCode).toBe(exitCodes.notFound);
});

test('operator keys are listed and revoked straight in the database', async () => {
  const { id, apiKey } = await ask('keys', 'create', '--role', 'operator');
  expect((await run('keys', 'revoke', id)).exitCode).toBe(exitCodes.notFound);
  await ask('keys', 'revoke', id, '--operator');
  const keys: ApiKey[] = await ask('keys', 'list', '--operator');
  expect(keys.find((key) => key.id === id)?.revokedAt).not.toBeNull();
  expect(await whoAmI(apiKey)).toBe(401);
});

test('all workers of the org are revoked by one command', async () => {
  const { apiKey } = await ask('workers', 'register', 'last');
  expect((await ask('workers', 'revoke-all')).revoked).toBeGreaterThan(0);
  expect(await whoAmI(apiKey)).toBe(401);
  expect(await ask('workers', 'revoke-all')).toEqual({ revoked: 0 });
});
