import { connect, createKeyFormat, databaseActor, importBetterAuthKeys } from '@longshore/db';
import { useApi } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';

const api = useApi();

const importFrom = async (schema: string) => {
  const db = connect({ url: api.database.url, poolSize: 1 });
  try {
    const source = { fromUrl: api.database.url, schema, role: 'worker' } as const;
    return await importBetterAuthKeys(db, databaseActor, createKeyFormat(), api.orgId, source);
  } finally {
    await db.close();
  }
};

// Rows as the packages of these versions wrote them, all but the dates, with the keys that they belong to.
describe.each([
  {
    version: '1.3.34',
    key: 'acme_GmqheGQJiVJydakWnPeBsAawRRNCZoxbxtzqkOdAbQdKitTacTTYudAVaXHuPsDI',
    owner: 'userId',
    row: {
      id: '2Th7KUhRRBEbgAFCgW5MYtmmvscuZ41n',
      start: 'acme_G',
      key: '8h6WvxtGQsxMvCrmSnOb92evIzkCygvefUIx80RtpFQ',
      metadata: '"{\\"team\\":\\"v\\"}"',
    },
  },
  {
    version: '1.5.6',
    key: 'acme_xdkOExBqNpyUQiqIXERTgJgHLVnmdJSSUXSKxdNzHTuVisYrQSzROnVdOYwwVkVs',
    owner: 'referenceId',
    row: {
      id: 'NQbpy05ca3uVHJqLMt0z3rDZaHdJSflX',
      start: 'acme_x',
      key: 'FyR2mBzsNdZkKVWv4AjhvJ11CxFaq9feNXEwsqvuZb8',
      metadata: '{"team":"v"}',
    },
  },
])('a key that better-auth $version made', ({ version, key, owner, row }) => {
  test('authenticates unchanged after the import', async () => {
    const old = `better_auth_${version.replaceAll('.', '_')}`;
    await api.database.query(`create schema ${old}`);
    await api.database.query(`create table ${old}.apikey (
      id text, name text, start text, prefix text, key text, "${owner}" text, enabled boolean, "rateLimitEnabled" boolean,
      "rateLimitTimeWindow" int, "rateLimitMax" int, remaining int, "expiresAt" timestamptz, "createdAt" timestamptz,
      permissions text, metadata text
    )`);
    await api.database.query(
      `insert into ${old}.apikey (id, name, start, prefix, key, "${owner}", enabled, "rateLimitEnabled",
        "rateLimitTimeWindow", "rateLimitMax", "createdAt", metadata)
      values ($1, 'gpu', $2, 'acme_', $3, 'somebody', true, true, 86400000, 10, now(), $4)`,
      [row.id, row.start, row.key, row.metadata],
    );
    const imported = await importFrom(old);
    expect(imported).toMatchObject([{ outcome: 'imported', name: 'gpu' }]);
    const whoami = await fetch(`${api.url}/trpc/whoami`, { headers: { 'x-api-key': key } });
    expect(await whoami.json()).toMatchObject({ result: { data: { role: 'worker' } } });
    const [stored] = await api.database.query('select * from longshore.api_keys where id = $1', [
      imported[0]!.keyId,
    ]);
    expect(stored).toMatchObject({ metadata: { team: 'v' }, rate_limits: {} });
  });
});
