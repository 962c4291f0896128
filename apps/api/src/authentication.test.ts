import { createHmac } from 'node:crypto';
import { createKeyFormat, type FoundKey } from '@longshore/db';
import { gate } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { type AuthenticatorOptions, createAuthenticator } from './authentication.ts';
import { createFailedAttempts } from './failed-attempts.ts';

const keyFormat = createKeyFormat();
const key = keyFormat.generate('submit');
const foundKey = (apiKey: string, format = keyFormat, more: Partial<FoundKey> = {}): FoundKey => ({
  principal: {
    keyId: 'k',
    keyName: 'n',
    orgId: 1,
    orgSlug: 'acme',
    role: 'submit',
    workerId: null,
    rateLimits: {},
  },
  hash: format.hash(apiKey),
  secondsLeft: null,
  isUseDue: false,
  ...more,
});
const { principal } = foundKey(key);
const unauthenticated = { code: 'UNAUTHENTICATED' };

const setUp = (answer: FoundKey | null = foundKey(key), options: Partial<AuthenticatorOptions> = {}) => {
  const state = { reads: 0, nowMs: 0, answer, used: 0 };
  const authenticator = createAuthenticator({
    keyFormat,
    findKeyByHash: async () => {
      state.reads += 1;
      return state.answer;
    },
    failedAttempts: createFailedAttempts({ perMinute: 2, nowMs: () => state.nowMs }),
    areImportedKeysTaken: true,
    onUse: () => {
      state.used += 1;
    },
    nowMs: () => state.nowMs,
    ...options,
  });
  const withHeaders = (authorization?: string, xApiKey?: string, address = '192.0.2.1') =>
    authenticator.authenticate({ authorization, xApiKey, address });
  const withKey = (apiKey: string, address?: string) => withHeaders(`Bearer ${apiKey}`, undefined, address);
  return { state, authenticator, withHeaders, withKey };
};

test('a malformed or mistyped key is refused without a read', async () => {
  const { state, withHeaders } = setUp();
  const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
  for (const header of [
    undefined,
    '',
    'Bearer',
    `Basic ${key}`,
    'Bearer lsh_submit_x',
    `Bearer lsh_${'x'.repeat(60)}`,
    `Bearer ${mistyped}`,
    'Bearer too-short',
    `Bearer ${'x'.repeat(513)}`,
    `Bearer ${'é'.repeat(20)}`,
  ]) {
    await expect(withHeaders(header), header).rejects.toMatchObject(unauthenticated);
    if (header?.startsWith('Bearer ')) {
      await expect(withHeaders(undefined, header.slice(7))).rejects.toMatchObject(unauthenticated);
    }
  }
  expect(state.reads).toBe(0);
});

test('a key is taken from either header, and from both when they agree', async () => {
  const { withHeaders } = setUp();
  expect(await withHeaders(`Bearer ${key}`)).toEqual(principal);
  expect(await withHeaders(undefined, key)).toEqual(principal);
  expect(await withHeaders(`bearer ${key}`, key)).toEqual(principal);
  expect(await withHeaders('Basic cHJveHk6cHc=', key)).toEqual(principal);
  const other = keyFormat.generate('admin');
  await expect(withHeaders(`Bearer ${key}`, other)).rejects.toMatchObject(unauthenticated);
  await expect(withHeaders(undefined, `${key}, ${key}`)).rejects.toMatchObject(unauthenticated);
});

test('a key that was made elsewhere is looked up, unless the deployment takes none', async () => {
  const imported = 'abcdefghijklmnopqrstuvwxyzABCDEF';
  const taking = setUp(foundKey(imported));
  expect(await taking.withKey(imported)).toEqual(principal);
  const strict = setUp(foundKey(imported), { areImportedKeysTaken: false });
  await expect(strict.withKey(imported)).rejects.toMatchObject(unauthenticated);
  expect(strict.state.reads).toBe(0);
});

test("a deployment's own hash function is the one that finds the key", async () => {
  const own = createKeyFormat({
    prefix: 'acme',
    hash: (text) => createHmac('sha256', 'pepper').update(text).digest(),
  });
  const ownKey = own.generate('submit');
  const hashes: Buffer[] = [];
  const { withKey } = setUp(null, {
    keyFormat: own,
    findKeyByHash: async (hash) => {
      hashes.push(hash);
      return foundKey(ownKey, own);
    },
  });
  expect(await withKey(ownKey)).toEqual(principal);
  expect(hashes).toEqual([createHmac('sha256', 'pepper').update(ownKey).digest()]);
});

test('a row with another hash than the one that was asked for lets nobody in', async () => {
  const { withKey } = setUp(foundKey(keyFormat.generate('submit')));
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
});

test('concurrent calls with one key share one read', async () => {
  const { state, withKey } = setUp();
  expect(await Promise.all([withKey(key), withKey(key)])).toEqual([principal, principal]);
  expect(state.reads).toBe(1);
});

test('a call does not join a read that began longer ago than an answer is believed', async () => {
  const slow = gate<FoundKey | null>();
  const answers = [slow.opened, Promise.resolve(null)];
  const { state, withKey } = setUp(null, { findKeyByHash: () => answers.shift()! });
  const early = withKey(key);
  state.nowMs = 1_000;
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
  slow.open(foundKey(key));
  expect(await early).toEqual(principal);
});

test('a revocation is felt after the time to live', async () => {
  const { state, withKey } = setUp();
  await withKey(key);
  state.answer = null;
  state.nowMs = 1_000;
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
});

test('a revocation that is announced is felt at once, in its own org', async () => {
  const { state, authenticator, withKey } = setUp();
  await withKey(key);
  state.answer = null;
  authenticator.forgetOrgs([2]);
  expect(await withKey(key)).toEqual(principal);
  authenticator.forgetOrgs([1]);
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
});

test('a read that was under way when a revocation was announced is not believed after it', async () => {
  const answered = gate<FoundKey | null>();
  const answers = [answered.opened, Promise.resolve(null)];
  const { authenticator, withKey } = setUp(null, { findKeyByHash: () => answers.shift()! });
  const early = withKey(key);
  authenticator.forgetOrgs([1]);
  answered.open(foundKey(key));
  expect(await early).toEqual(principal);
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
});

test('no key is believed longer than it lives', async () => {
  const { state, withKey } = setUp(foundKey(key, keyFormat, { secondsLeft: 0.25 }));
  await withKey(key);
  state.answer = null;
  state.nowMs = 249;
  expect(await withKey(key)).toEqual(principal);
  state.nowMs = 250;
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
});

test('a key that was unknown is looked up again after the time to live', async () => {
  const { state, withKey } = setUp(null);
  await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
  state.answer = foundKey(key);
  state.nowMs = 1_000;
  expect(await withKey(key)).toEqual(principal);
});

test('a use is told of when it is due, once a look-up', async () => {
  const { state, withKey } = setUp(foundKey(key, keyFormat, { isUseDue: true }));
  await withKey(key);
  await withKey(key);
  expect(state.used).toBe(1);
  state.answer = foundKey(key);
  state.nowMs = 1_000;
  await withKey(key);
  expect(state.used).toBe(1);
});

test('a network that guesses is shut out, but not those in it whose keys were good lately', async () => {
  const { state, withKey } = setUp();
  await withKey(key);
  state.answer = null;
  for (let guess = 0; guess < 2; guess++) {
    await expect(withKey(keyFormat.generate('submit'))).rejects.toMatchObject(unauthenticated);
  }
  const { reads } = state;
  const limited = { code: 'RATE_LIMITED', retryAfterSeconds: 60 };
  await expect(withKey(keyFormat.generate('submit'))).rejects.toMatchObject(limited);
  expect(state.reads).toBe(reads);

  state.answer = foundKey(key);
  state.nowMs = 2_000;
  expect(await withKey(key)).toEqual(principal);
  state.answer = null;
  await expect(withKey(keyFormat.generate('submit'), '198.51.100.1')).rejects.toMatchObject(unauthenticated);
});

test('a key that was revoked is no guess: its holder asks on without shutting others out', async () => {
  const { state, withKey } = setUp();
  await withKey(key);
  state.answer = null;
  for (let second = 1; second <= 50; second++) {
    state.nowMs = second * 1_000;
    await expect(withKey(key)).rejects.toMatchObject(unauthenticated);
  }
  const other = keyFormat.generate('submit');
  state.answer = foundKey(other);
  expect(await withKey(other)).toEqual(principal);
});
