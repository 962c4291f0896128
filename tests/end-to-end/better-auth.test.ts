import { createHash } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { connect, createAdmin, createKeyFormat, databaseActor, importBetterAuthKeys } from '@longshore/db';
import { useApi } from '@longshore/test-kit';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const api = useApi();
const schema = 'better_auth';
let pool: pg.Pool;
let auth: ReturnType<typeof makeAuth>;
let userId = '';

/** The real package with its own tables, in a schema of their own beside ours. */
const makeAuth = (more: { disableKeyHashing?: boolean } = {}) =>
  betterAuth({
    database: pool,
    baseURL: 'http://127.0.0.1',
    secret: 'a secret that better-auth asks for, 32 characters at least',
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [apiKey({ enableMetadata: true, ...more })],
  });

beforeAll(async () => {
  await api.database.query(`create schema ${schema}`);
  pool = new pg.Pool({ connectionString: api.database.url, options: `-c search_path=${schema}`, max: 2 });
  // Its database may be dropped before its goodbyes arrive.
  pool.on('error', () => {});
  auth = makeAuth();
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  const body = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };
  userId = (await auth.api.signUpEmail({ body })).user.id;
});
afterAll(() => pool.end());

type KeyBody = NonNullable<Parameters<typeof auth.api.createApiKey>[0]>['body'];
const createKey = (body: KeyBody) => auth.api.createApiKey({ body: { userId, ...body } });

type Import = Omit<Parameters<typeof importBetterAuthKeys>[4], 'fromUrl' | 'schema'>;
const importKeys = async (from: Import, orgId = api.orgId) => {
  const db = connect({ url: api.database.url, poolSize: 1 });
  try {
    const source = { fromUrl: api.database.url, schema, ...from };
    return await importBetterAuthKeys(db, databaseActor, createKeyFormat(), orgId, source);
  } finally {
    await db.close();
  }
};
const outcomeOf = async (sourceId: string, from: Import) =>
  (await importKeys(from)).find((row) => row.sourceId === sourceId);

const whoAmI = async (headers: Record<string, string>) => {
  const response = await fetch(`${api.url}/trpc/whoami`, { headers });
  const body = (await response.json()) as {
    result?: { data: unknown };
    error?: { data: { longshore: object } };
  };
  return body.result?.data ?? body.error?.data.longshore;
};
const stored = async (keyId: string) =>
  (await api.database.query('select * from longshore.api_keys where id = $1', [keyId]))[0]!;

describe('a key that better-auth made', () => {
  test('authenticates unchanged after the import, by either header', async () => {
    const made = await createKey({
      name: 'gpu box',
      prefix: 'acme_',
      metadata: { team: 'vision' },
      expiresIn: 86_400,
    });
    expect(await whoAmI({ 'x-api-key': made.key })).toMatchObject({ code: 'UNAUTHENTICATED' });

    const row = await outcomeOf(made.id, { role: 'worker' });

    expect(row).toMatchObject({ outcome: 'imported', name: 'gpu box' });
    const who = { org: api.org, role: 'worker', workerId: row!.workerId };
    // The refusal above is remembered for a second at most.
    await expect.poll(() => whoAmI({ 'x-api-key': made.key })).toEqual(who);
    expect(await whoAmI({ authorization: `Bearer ${made.key}` })).toEqual(who);
    expect(await stored(row!.keyId!)).toMatchObject({
      hash: createHash('sha256').update(made.key).digest(),
      name: 'gpu box',
      start: made.start,
      metadata: { team: 'vision' },
      expires_at: made.expiresAt,
      rate_limits: {},
    });
  });

  test('with the role submit belongs to no worker', async () => {
    const made = await createKey({ name: 'submitter' });
    expect(await outcomeOf(made.id, { role: 'submit' })).toMatchObject({
      outcome: 'imported',
      workerId: null,
    });
    expect(await whoAmI({ 'x-api-key': made.key })).toEqual({ org: api.org, role: 'submit', workerId: null });
  });

  test('leaves its rate limit behind, unless it is asked for', async () => {
    const limit = { rateLimitEnabled: true, rateLimitMax: 120, rateLimitTimeWindow: 120_000 };
    const made = await createKey({ name: 'limited', ...limit });
    const left = await outcomeOf(made.id, { role: 'submit' });
    expect((await stored(left!.keyId!)).rate_limits).toEqual({});

    const other = await createKey({ name: 'limited too', ...limit });
    const kept = await outcomeOf(other.id, { role: 'submit', keepRateLimits: true });
    expect((await stored(kept!.keyId!)).rate_limits).toEqual({ submit: 60 });

    // Ten a day, better-auth's default, would be less than one a minute.
    const byDefault = await createKey({ name: 'default' });
    const least = await outcomeOf(byDefault.id, { role: 'worker', keepRateLimits: true });
    expect((await stored(least!.keyId!)).rate_limits).toEqual({ claim: 1 });
    expect(least!.notes).toEqual(['1 claim calls a minute']);
  });

  test('is taken once: again, or into another org, it is a duplicate and nothing is stored', async () => {
    const made = await createKey({ name: 'once' });
    expect(await outcomeOf(made.id, { role: 'worker' })).toMatchObject({ outcome: 'imported' });
    const other = await api.addOrg('the-other');
    const workers = 'select count(*) from longshore.workers';
    const before = await api.database.query(workers);
    const rows = await importKeys({ role: 'worker' }, other.orgId);
    expect(rows.find(({ sourceId }) => sourceId === made.id)).toMatchObject({
      outcome: 'duplicate',
      keyId: null,
    });
    expect(new Set(rows.map(({ outcome }) => outcome))).not.toContain('imported');
    expect(await api.database.query(workers)).toEqual(before);
  });

  test('whose metadata was stringified twice brings it along', async () => {
    const made = await createKey({ name: 'twice' });
    const twice = JSON.stringify(JSON.stringify({ plan: 'pro' }));
    await pool.query('update apikey set metadata = $1 where id = $2', [twice, made.id]);
    const row = await outcomeOf(made.id, { role: 'submit' });
    expect((await stored(row!.keyId!)).metadata).toEqual({ plan: 'pro' });
  });
});

describe('the import leaves out and says so', () => {
  test('keys that better-auth would refuse', async () => {
    const [disabled, expired, spent, good] = [
      await createKey({ name: 'disabled' }),
      await createKey({ name: 'expired', expiresIn: 86_400 }),
      await createKey({ name: 'spent', remaining: 0 }),
      await createKey({ name: 'counted', remaining: 5, permissions: { files: ['read'] } }),
    ];
    await pool.query('update apikey set enabled = false where id = $1', [disabled.id]);
    await pool.query(`update apikey set "expiresAt" = now() - interval '1 s' where id = $1`, [expired.id]);
    const rows = await importKeys({ role: 'submit' });
    const outcomes = Object.fromEntries(rows.map(({ sourceId, outcome }) => [sourceId, outcome]));
    expect(outcomes[disabled.id]).toBe('disabled');
    expect(outcomes[expired.id]).toBe('expired');
    expect(outcomes[spent.id]).toBe('used up');
    expect(rows.find(({ sourceId }) => sourceId === good.id)).toMatchObject({
      outcome: 'imported',
      notes: [expect.stringContaining('permissions'), expect.stringContaining('remaining')],
    });
    for (const { key } of [disabled, expired, spent]) {
      expect(await whoAmI({ 'x-api-key': key })).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  test('keys that were stored as they are, and every value that is no hash', async () => {
    const open = makeAuth({ disableKeyHashing: true });
    const plain = await open.api.createApiKey({ body: { userId, name: 'plain' } });
    const hash = createHash('sha256').update(plain.key).digest();
    const values = [
      plain.key,
      hash.toString('base64'),
      hash.toString('hex'),
      `${hash.toString('base64url')}=`,
      `${hash.toString('base64url').slice(0, -1)}_`,
      hash.toString('base64url').slice(1),
      '',
    ];
    for (const value of values) {
      await pool.query('update apikey set key = $1 where id = $2', [value, plain.id]);
      const row = await outcomeOf(plain.id, { role: 'submit' });
      expect(row).toMatchObject({ outcome: 'not a hash', keyId: null });
      if (value !== '') expect(JSON.stringify(row)).not.toContain(value);
    }
    expect(await whoAmI({ 'x-api-key': plain.key })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('the second of two rows with one hash', async () => {
    const [first, second] = [await createKey({ name: 'first' }), await createKey({ name: 'second' })];
    await pool.query('update apikey set key = (select key from apikey where id = $1) where id = $2', [
      first.id,
      second.id,
    ]);
    const outcomes = (await importKeys({ role: 'submit' }))
      .filter(({ sourceId }) => [first.id, second.id].includes(sourceId))
      .map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(['duplicate', 'imported']);
  });

  test('keys that begin as ours do, which would be taken for keys of ours', async () => {
    const made = await createKey({ name: 'twin', prefix: 'lsh_' });
    expect(await outcomeOf(made.id, { role: 'submit' })).toMatchObject({ outcome: 'reserved prefix' });
  });

  test('keys of others, when one is named', async () => {
    await createKey({ name: 'mine' });
    expect(await importKeys({ role: 'submit', referenceId: 'somebody-else' })).toEqual([]);
    const mine = await importKeys({ role: 'submit', referenceId: userId, isDryRun: true });
    expect(mine.length).toBeGreaterThan(0);
  });
});

test('a dry run stores nothing, and a table that is not there is named', async () => {
  const made = await createKey({ name: 'dry' });
  const count =
    'select (select count(*) from longshore.api_keys), (select count(*) from longshore.audit_log)';
  const before = await api.database.query(count);
  expect(await outcomeOf(made.id, { role: 'worker', isDryRun: true })).toMatchObject({ outcome: 'imported' });
  expect(await api.database.query(count)).toEqual(before);
  await expect(importKeys({ role: 'worker', table: 'apikeys; drop table apikey' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('an import is one row of the audit log, without a hash in it', async () => {
  await importKeys({ role: 'submit' });
  await createKey({ name: 'audited' });
  const rows = () =>
    api.database.query('select action, target, after from longshore.audit_log where org_id = $1', [
      api.orgId,
    ]);
  const before = await rows();
  await importKeys({ role: 'submit' });
  const after = await rows();
  expect(after).toHaveLength(before.length + 1);
  expect(after.at(-1)).toMatchObject({
    action: 'keys.importBetterAuth',
    target: 'better_auth.apikey',
    after: { role: 'submit', imported: 1, skipped: expect.any(Number) },
  });
});

describe('keys of other makers, by their hash', () => {
  const admin = async <Answer>(work: (admin: ReturnType<typeof createAdmin>) => Promise<Answer>) => {
    const db = connect({ url: api.database.apiUrl, poolSize: 1 });
    try {
      return await work(createAdmin(db));
    } finally {
      await db.close();
    }
  };

  test.for([
    // `abc` itself is too short to be tried over HTTP: anybody could guess it.
    ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
    [`sk_live_${'a'.repeat(64)}`, '7parl7T8bEz2cxdiuzkPFcZoWRZw60HUvnux5HG9qmU'],
  ] as const)('the hash of %s is the one that better-auth documents', async ([key, keyHash]) => {
    const made = await admin((db) =>
      db.createKeyWithHash(api.orgId, { role: 'submit', name: 'vector', keyHash, encoding: 'base64url' }),
    );
    expect((await stored(made.id)).hash).toEqual(createHash('sha256').update(key).digest());
    if (key.length >= 16) expect(await whoAmI({ 'x-api-key': key })).toMatchObject({ role: 'submit' });
  });
});
