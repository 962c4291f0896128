import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { useApi } from './use-api.ts';

const api = useApi();

const whoAmI = async (url: string, apiKey: string): Promise<unknown> => {
  const response = await fetch(`${url}/trpc/whoami`, { headers: { authorization: `Bearer ${apiKey}` } });
  return ((await response.json()) as { result?: { data: unknown } }).result?.data;
};

test.for(['operator', 'admin', 'submit', 'worker'] as const)(
  'the %s key speaks for its role',
  async (role) => {
    expect(await whoAmI(api.url, api.keys[role])).toMatchObject({ role });
  },
);

test('a second API answers from the same database, and a restarted one at the same address', async () => {
  const second = await api.startSecondApi();
  expect(await whoAmI(second.url, api.keys.submit)).toMatchObject({ org: api.org });

  const { url } = api;
  await api.restart();

  expect(api.url).toBe(url);
  // The first call may still take a kept-alive connection of the API that was closed.
  expect(await eventually(() => whoAmI(url, api.keys.submit))).toMatchObject({ org: api.org });
});

test('another org has keys of its own', async () => {
  const other = await api.addOrg('other-org');
  expect(other.orgId).not.toBe(api.orgId);
  expect(await whoAmI(api.url, other.keys.submit)).toMatchObject({ org: 'other-org', role: 'submit' });
});
