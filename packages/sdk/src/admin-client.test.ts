import { expect, it } from 'vitest';
import { createAdminClient } from './admin-client.ts';

it('calls that make a key are sent once, even when their answer is lost', async () => {
  let sent = 0;
  const fetch = async (): Promise<Response> => {
    sent += 1;
    throw new TypeError('fetch failed');
  };
  const admin = createAdminClient({ url: 'http://away.invalid', apiKey: 'none', fetch });
  const calls = [
    admin.orgs.create('acme'),
    admin.keys.create({ name: 'ci', role: 'submit' }),
    admin.keys.rotate({ id: crypto.randomUUID() }),
    admin.workers.register({ name: 'one' }),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(sent).toBe(calls.length);
});
