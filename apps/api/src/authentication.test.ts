import { generateApiKey, type Principal } from '@longshore/db';
import { expect, test } from 'vitest';
import { createAuthenticator } from './authentication.ts';

const key = generateApiKey('submit');
const principal: Principal = {
  keyId: 'k',
  keyName: 'n',
  orgId: 1,
  orgSlug: 'acme',
  role: 'submit',
  workerId: null,
};

const setUp = (answer: Principal | null = principal) => {
  const state = { reads: 0, nowMs: 0, answer };
  const authenticate = createAuthenticator({
    findKeyByHash: async () => {
      state.reads += 1;
      return state.answer;
    },
    nowMs: () => state.nowMs,
  });
  return { state, authenticate };
};

test('a malformed or mistyped key is refused without a read', async () => {
  const { state, authenticate } = setUp();
  const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
  for (const header of [
    undefined,
    '',
    'Bearer',
    `Basic ${key}`,
    'Bearer lsh_submit_x',
    `Bearer ${mistyped}`,
  ]) {
    await expect(authenticate(header)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect(state.reads).toBe(0);
});

test('concurrent calls with one key share one read', async () => {
  const { state, authenticate } = setUp();
  const header = `Bearer ${key}`;
  expect(await Promise.all([authenticate(header), authenticate(header)])).toEqual([principal, principal]);
  expect(state.reads).toBe(1);
});

test('a revocation is felt after the time to live', async () => {
  const { state, authenticate } = setUp();
  await authenticate(`Bearer ${key}`);
  state.answer = null;
  state.nowMs = 1_000;
  await expect(authenticate(`Bearer ${key}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a key that was unknown is looked up again after the time to live', async () => {
  const { state, authenticate } = setUp(null);
  await expect(authenticate(`Bearer ${key}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  state.answer = principal;
  state.nowMs = 1_000;
  expect(await authenticate(`Bearer ${key}`)).toEqual(principal);
});
