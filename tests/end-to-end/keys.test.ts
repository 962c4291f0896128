import { createHash, randomUUID } from 'node:crypto';
import { type CreatedApiKey, keyHashEncodings } from '@longshore/contract';
import { createAdminClient } from '@longshore/sdk';
import { eventually, steerClock, useApi } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';
import { type Answered, call } from '../processes/call.ts';

const api = useApi({ env: { LONGSHORE_FAILED_AUTH_PER_MINUTE: '0' } });
const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });
/** Keys are used by submitting; what is asked of them is only whether they are let in. */
const use = (apiKey: string, url = api.url): Promise<Answered> =>
  call(url, apiKey, 'jobs.submit', { kind: 'keys', payload: null });
const refused = { status: 401, data: { longshore: { code: 'UNAUTHENTICATED' } } };
const stored = async (id: string) =>
  (await api.database.query('select * from longshore.api_keys where id = $1', [id]))[0]!;
const auditSince = async (seq: string) =>
  api.database.query(
    'select action, target from longshore.audit_log where org_id = $1 and seq > $2 order by seq',
    [api.orgId, seq],
  );
const auditEnd = async (): Promise<string> =>
  (
    await api.database.query(
      'select coalesce(max(seq), 0) as seq from longshore.audit_log where org_id = $1',
      [api.orgId],
    )
  )[0]!.seq;

describe('a rotation', () => {
  test('makes a key like the old one, and both work until the overlap is over', async () => {
    const old = await admin().keys.create({ role: 'submit', name: 'ci' });
    await api.database.query(`update longshore.api_keys set rate_limits = '{"submit": 77}' where id = $1`, [
      old.id,
    ]);
    const from = await auditEnd();
    const made = await admin().keys.rotate({ id: old.id });

    expect(made).toMatchObject({ role: 'submit', name: 'ci', rotatedFrom: old.id, expiresAt: null });
    expect((await stored(made.id)).rate_limits).toEqual({ submit: 77 });
    const hours = (Date.parse(made.oldKeyExpiresAt) - Date.parse(made.createdAt)) / 3_600_000;
    expect(hours).toBeCloseTo(24, 2);
    expect(await use(old.apiKey)).toMatchObject({ status: 200 });
    expect(await use(made.apiKey)).toMatchObject({ status: 200 });
    expect(await auditSince(from)).toEqual([{ action: 'keys.rotate', target: old.id }]);
  });

  test('without an overlap ends the old key at once', async () => {
    const old = await admin().keys.create({ role: 'submit', name: 'leaked' });
    expect(await use(old.apiKey)).toMatchObject({ status: 200 });
    const made = await admin().keys.rotate({ id: old.id, overlapSeconds: 0 });
    expect(await use(old.apiKey)).toMatchObject(refused);
    expect(await use(made.apiKey)).toMatchObject({ status: 200 });
  });

  test('never lengthens a life: not of the old key, nor of the new one unless it is told to', async () => {
    const old = await admin().keys.create({ role: 'submit', name: 'short', expiresInSeconds: 3_600 });
    const made = await admin().keys.rotate({ id: old.id, overlapSeconds: 604_800 });
    expect(made.oldKeyExpiresAt).toBe(old.expiresAt);
    expect(made.expiresAt).toBe(old.expiresAt);
    const quick = await admin().keys.rotate({ id: made.id, overlapSeconds: 60, expiresInSeconds: 7_200 });
    expect(Date.parse(quick.expiresAt!)).toBeGreaterThan(Date.parse(old.expiresAt!));
    // The answer of that rotation may have been lost: the next one gives the new key the life that was meant.
    const again = await admin().keys.rotate({ id: made.id });
    expect(again.expiresAt).toBe(quick.expiresAt);
    expect(Date.parse(again.oldKeyExpiresAt)).toBeLessThan(Date.parse(old.expiresAt!));
  });

  test("of a worker's key leaves the worker what it is", async () => {
    const worker = await admin().workers.register({ name: 'rotated' });
    const [old] = (await admin().keys.list()).filter((key) => key.workerId === worker.id);
    const made = await admin().keys.rotate({ id: old!.id, overlapSeconds: 0 });
    expect(made).toMatchObject({ role: 'worker', workerId: worker.id });
    expect(await call(api.url, made.apiKey, 'worker.openSession', { kinds: ['k'] })).toMatchObject({
      status: 200,
      data: { workerId: worker.id },
    });
  });

  test('of a key that was revoked, has expired, or belongs to another org is refused', async () => {
    const key = await admin().keys.create({ role: 'submit', name: 'gone' });
    await admin().keys.revoke(key.id);
    await expect(admin().keys.rotate({ id: key.id })).rejects.toMatchObject({ code: 'INVALID_STATE' });
    const ended = await admin().keys.create({ role: 'submit', name: 'ended' });
    await admin().keys.rotate({ id: ended.id, overlapSeconds: 0 });
    await expect(admin().keys.rotate({ id: ended.id })).rejects.toMatchObject({ code: 'INVALID_STATE' });

    const other = await api.addOrg(`org-${randomUUID()}`);
    const stranger = createAdminClient({ url: api.url, apiKey: other.keys.admin });
    const mine = await admin().keys.create({ role: 'submit', name: 'mine' });
    for (const id of [mine.id, randomUUID()]) {
      await expect(stranger.keys.rotate({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stranger.keys.revoke(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await stored(mine.id)).toMatchObject({ revoked_at: null, expires_at: null });
  });
});

describe('a key given by its hash', () => {
  const secretOf = (): { key: string; hash: Buffer } => {
    const key = `other_${randomUUID()}`;
    return { key, hash: createHash('sha256').update(key).digest() };
  };

  test.for(keyHashEncodings)('in %s lets its holder in, as a worker and as a submitter', async (encoding) => {
    const [worker, submitter] = [secretOf(), secretOf()];
    const from = await auditEnd();
    const registered = await admin().workers.registerWithHash({
      name: 'elsewhere',
      allowedCapabilities: ['gpu'],
      keyHash: worker.hash.toString(encoding),
      encoding,
      keyStart: worker.key.slice(0, 8),
    });
    const made = await admin().keys.createWithHash({
      role: 'submit',
      name: 'elsewhere',
      keyHash: submitter.hash.toString(encoding),
      encoding,
    });
    expect(registered).toEqual({ id: expect.any(String), name: 'elsewhere' });
    expect(made).toMatchObject({ start: null, last4: null });
    expect(made).not.toHaveProperty('apiKey');
    expect(await auditSince(from)).toEqual([
      { action: 'workers.registerWithHash', target: registered.id },
      { action: 'keys.createWithHash', target: made.id },
    ]);
    expect(await call(api.url, worker.key, 'worker.openSession', { kinds: ['k'] })).toMatchObject({
      data: { workerId: registered.id },
    });
    expect(await use(submitter.key)).toMatchObject({ status: 200 });
    const listed = (await admin().keys.list()).find((key) => key.workerId === registered.id);
    expect(listed).toMatchObject({ start: worker.key.slice(0, 8), last4: null });
  });

  test('is refused when it is known already, in any org, and nothing is stored', async () => {
    const keyHash = secretOf().hash.toString('hex');
    const given = { keyHash, encoding: 'hex' } as const;
    await admin().workers.registerWithHash({ name: 'first', ...given });
    const other = await api.addOrg(`org-${randomUUID()}`);
    const stranger = createAdminClient({ url: api.url, apiKey: other.keys.admin });
    const count =
      'select (select count(*) from longshore.workers), (select count(*) from longshore.api_keys)';
    const before = await api.database.query(count);
    for (const client of [admin(), stranger]) {
      const conflict = { code: 'CONFLICT', field: 'keyHash' };
      const registering = client.workers.registerWithHash({ name: 'second', ...given });
      await expect(registering).rejects.toMatchObject(conflict);
      const creating = client.keys.createWithHash({ role: 'submit', name: 'second', ...given });
      await expect(creating).rejects.toMatchObject(conflict);
    }
    expect(await api.database.query(count)).toEqual(before);
  });

  test('is refused when it is none, or the key itself', async () => {
    for (const keyHash of ['', 'a'.repeat(43), 'a'.repeat(44), api.keys.worker, 'A'.repeat(64)]) {
      for (const encoding of keyHashEncodings) {
        if (encoding === 'base64url' && keyHash === 'a'.repeat(43)) continue;
        const registering = admin().workers.registerWithHash({ name: 'none', keyHash, encoding });
        await expect(registering, `${encoding} ${keyHash.length}`).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          field: 'keyHash',
        });
      }
    }
  });
});

test('a new key can name no owner, org, hash or role above those that are offered', async () => {
  const before = await api.database.query('select count(*) from longshore.api_keys');
  const asked = { role: 'submit', name: 'greedy' };
  for (const [more, code] of [
    [{ orgId: 1 }, 'UNKNOWN_OPTION'],
    [{ userId: 'root' }, 'UNKNOWN_OPTION'],
    [{ workerId: randomUUID() }, 'UNKNOWN_OPTION'],
    [{ hash: 'a'.repeat(64) }, 'UNKNOWN_OPTION'],
    [{ rateLimits: { submit: 1_000_000 } }, 'UNKNOWN_OPTION'],
    [{ createdAt: 0 }, 'UNKNOWN_OPTION'],
    [{ role: 'operator' }, 'INVALID_INPUT'],
    [{ role: 'worker' }, 'INVALID_INPUT'],
    [{ expiresInSeconds: -1 }, 'INVALID_INPUT'],
  ] as const) {
    const answer = await call(api.url, api.keys.admin, 'keys.create', { ...asked, ...more });
    expect(answer.data, JSON.stringify(more)).toMatchObject({ longshore: { code } });
  }
  for (const role of ['operator', 'submit', 'worker'] as const) {
    expect(await call(api.url, api.keys[role], 'keys.create', asked)).toMatchObject({ status: 403 });
    expect(await call(api.url, api.keys[role], 'keys.rotate', { id: randomUUID() })).toMatchObject({
      status: 403,
    });
  }
  expect(await call(api.url, '', 'keys.create', asked)).toMatchObject(refused);
  expect(await api.database.query('select count(*) from longshore.api_keys')).toEqual(before);
});

describe('as the clock goes on', () => {
  const clock = steerClock({ query: (sql, params) => api.database.query(sql, params) });

  test('a key expires, and its last use is noted once a minute', async () => {
    const key: CreatedApiKey = await admin().keys.create({
      role: 'submit',
      name: 'brief',
      expiresInSeconds: 600,
    });
    const lastUsedAt = async (): Promise<Date | null> => (await stored(key.id)).last_used_at;
    expect(await lastUsedAt()).toBeNull();
    expect(await use(key.apiKey)).toMatchObject({ status: 200 });
    const first = await eventually(lastUsedAt, { timeoutMs: 20_000 });
    const touched = async (seconds: number) => {
      await clock.advance(seconds);
      const sql = 'select longshore.touch_keys($1, $2) as count';
      return (await api.database.query(sql, [[api.orgId], [key.id]]))[0]!.count;
    };
    expect(await touched(30)).toBe(0);
    expect(await lastUsedAt()).toEqual(first);
    expect(await touched(31)).toBe(1);
    expect((await lastUsedAt())!.getTime()).toBeGreaterThan(first.getTime());

    await clock.advance(600);
    await eventually(async () => (await use(key.apiKey)).status === 401);
  });
});

test('the last use of a key is stored by a close', async () => {
  const second = await api.startSecondApi();
  const key = await admin().keys.create({ role: 'submit', name: 'closing' });
  await use(key.apiKey, second.url);
  await second.close();
  expect((await stored(key.id)).last_used_at).not.toBeNull();
});
