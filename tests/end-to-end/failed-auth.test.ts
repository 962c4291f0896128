import type { AppRouter } from '@longshore/api';
import { createKeyFormat } from '@longshore/db';
import { createAdminClient } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { createTRPCClient, httpBatchLink, httpLink } from '@trpc/client';
import { expect, test } from 'vitest';

const api = useApi();
const keys = createKeyFormat();
const whoAmI = (key: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/trpc/whoami`, { headers: { 'x-api-key': key, ...headers } });

test('a network that tries twenty wrong keys is told to wait, and its good keys go on to work', async () => {
  expect((await whoAmI(api.keys.submit)).status).toBe(200);
  for (let guess = 0; guess < 20; guess++) {
    expect((await whoAmI(keys.generate('admin'))).status).toBe(401);
  }
  const refused = await whoAmI(keys.generate('admin'), { 'x-forwarded-for': '198.51.100.1' });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
  expect(await refused.json()).toMatchObject({
    error: {
      data: { longshore: { code: 'RATE_LIMITED', isRetryable: true, retryAfterSeconds: expect.any(Number) } },
    },
  });
  // Keys that no look-up could save are still told what they are, and those that were good lately get in.
  expect((await whoAmI('lsh_admin_mistyped')).status).toBe(401);
  expect((await whoAmI(api.keys.submit)).status).toBe(200);
  // A good key that was not used here yet has to wait like any other that nobody knows.
  expect((await whoAmI(api.keys.admin)).status).toBe(429);
});

test('whoever calls without a good key is told so, by every call of a batch too', async () => {
  const refusal = {
    data: { longshore: { code: 'UNAUTHENTICATED', field: 'authorization', isRetryable: false } },
  };
  for (const link of [httpLink, httpBatchLink]) {
    const client = createTRPCClient<AppRouter>({ links: [link({ url: `${api.url}/trpc` })] });
    const calls = [client.whoami.query(), client.queues.list.query(), client.jobs.stats.query()];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: refusal });
    }
  }
  const admin = createAdminClient({ url: api.url, apiKey: 'lsh_admin_mistyped' });
  await expect(admin.whoami()).rejects.toMatchObject({ code: 'UNAUTHENTICATED', isRetryable: false });
});
