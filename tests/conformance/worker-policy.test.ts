import { type ClaimedJob, uuidV7, type WorkerPolicyInput } from '@longshore/contract';
import { createAdminClient } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';
import { postRaw, type RawAnswer } from './post-raw.ts';

/** Nothing but word of a change may move a parked claim. */
const api = useApi({ env: { LONGSHORE_SWEEP_SECONDS: '3600' } });
const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });

/** A worker with a policy, and a kind of jobs of its own. */
const register = async (policy: WorkerPolicyInput) => {
  const kind = `kind-${uuidV7()}`;
  const { id, apiKey } = await admin().workers.register({ name: 'held', ...policy });
  const call = (name: string, input: object): Promise<RawAnswer> =>
    postRaw(api.url, `worker.${name}`, apiKey, JSON.stringify(input));
  const open = (input: object = {}) => call('openSession', { kinds: [kind], concurrency: 10, ...input });
  const openSession = async (input?: object) => ((await open(input)).data as { sessionId: string }).sessionId;
  const claim = async (sessionId: string, limit = 10, waitSeconds = 0): Promise<ClaimedJob[]> =>
    ((await call('claim', { sessionId, limit, waitSeconds })).data as { jobs: ClaimedJob[] }).jobs;
  const submit = async (options: object = {}) => {
    const job = JSON.stringify({ kind, payload: null, ...options });
    expect((await postRaw(api.url, 'jobs.submit', api.keys.submit, job)).status).toBe(200);
  };
  const complete = (jobs: ClaimedJob[]) =>
    call('complete', { items: jobs.map((job) => ({ id: job.id, leaseToken: job.leaseToken })) });
  return { id, kind, open, openSession, claim, submit, complete };
};

describe('a worker that announces more than its policy allows is refused', () => {
  test('a capability that is not allowed', async () => {
    const { open } = await register({ allowedCapabilities: ['gpu'] });
    expect((await open({ capabilities: ['gpu', 'root'] })).error).toMatchObject({
      code: 'FORBIDDEN',
      field: 'capabilities[1]',
    });
  });

  test('a capability that is denied, although anything is allowed', async () => {
    const { open } = await register({ deniedCapabilities: ['root'] });
    expect((await open({ capabilities: ['root'] })).error).toMatchObject({
      code: 'FORBIDDEN',
      field: 'capabilities[0]',
    });
  });

  test('a kind', async () => {
    const { open } = await register({ allowedKinds: ['mail'] });
    expect((await open({ kinds: ['mail', 'pay-out'] })).error).toMatchObject({
      code: 'FORBIDDEN',
      field: 'kinds[1]',
    });
  });
});

test('a worker that announces no capabilities has those it is allowed by name, but for the denied ones', async () => {
  const { openSession, claim, submit } = await register({
    allowedCapabilities: ['gpu', 'root'],
    deniedCapabilities: ['root'],
  });
  await submit({ requiredCapabilities: ['gpu'] });
  await submit({ requiredCapabilities: ['root'] });
  expect(await claim(await openSession())).toHaveLength(1);
});

test('a worker gets jobs of its band of priorities only', async () => {
  const { openSession, claim, submit } = await register({ priorityMin: -1, priorityMax: 1 });
  for (const priority of [-2, -1, 0, 1, 2]) await submit({ priority });
  expect((await claim(await openSession())).map(({ priority }) => priority)).toEqual([-1, 0, 1]);
});

describe('a change of policy', () => {
  test('holds for open sessions from the next claim on, whichever way it goes', async () => {
    const { id, kind, openSession, claim, submit } = await register({});
    const session = await openSession({ kinds: [kind, 'other'] });
    expect(await claim(session)).toEqual([]);
    await admin().workers.update({ id, allowedKinds: ['other'] });
    await submit();
    expect(await claim(session)).toEqual([]);
    await admin().workers.update({ id, allowedKinds: null, maxConcurrentJobs: 0 });
    expect(await claim(session)).toEqual([]);
    await admin().workers.update({ id, maxConcurrentJobs: 1 });
    expect(await claim(session)).toHaveLength(1);
  });

  test('is felt by a claim that is parked', async () => {
    const { id, openSession, claim } = await register({});
    const session = await openSession();
    let isAnswered = false;
    const parked = claim(session, 1, 30).finally(() => {
      isAnswered = true;
    });
    // Until the claim has been parked, word of a change finds nobody.
    for (let priorityMax = 0; !isAnswered; priorityMax += 1)
      await admin().workers.update({ id, priorityMax });
    expect(await parked).toEqual([]);
  });

  test('is refused for a worker of another org as for one that is not there, and for a band that is upside down', async () => {
    const other = await api.addOrg('other-org');
    const theirs = createAdminClient({ url: api.url, apiKey: other.keys.admin });
    const { id } = await register({});
    for (const unknown of [id, uuidV7()])
      await expect(theirs.workers.update({ id: unknown, maxConcurrentJobs: 1 })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        field: 'id',
      });
    await expect(admin().workers.update({ id, priorityMin: 2, priorityMax: 1 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'priorityMin',
    });
  });

  test('is one row of the audit log, with what it was before and is now', async () => {
    const { id } = await register({ maxConcurrentJobs: 3 });
    await admin().workers.update({ id, maxConcurrentJobs: 4, priorityMin: -32_768, metadata: { rack: 7 } });
    const rows = await api.database.query(
      "select before, after from longshore.audit_log where target = $1 and action = 'workers.update'",
      [id],
    );
    expect(rows).toEqual([
      {
        before: { maxConcurrentJobs: 3, metadata: {} },
        after: { maxConcurrentJobs: 4, metadata: { rack: 7 } },
      },
    ]);
  });
});

test('B-08: a parked claim of a worker that is full is woken by its own finish', async () => {
  const { openSession, claim, submit, complete } = await register({ maxConcurrentJobs: 1 });
  const session = await openSession();
  await submit();
  await submit();
  const held = await claim(session);
  expect(held).toHaveLength(1);
  const parked = claim(session, 10, 30);
  await complete(held);
  expect(await parked).toHaveLength(1);
});

test('a parked claim of a session that is full in its category is woken by its own finish', async () => {
  const { openSession, claim, submit, complete } = await register({});
  const session = await openSession({ concurrencyLimits: { llm: 1 } });
  for (let job = 0; job < 2; job++) await submit({ category: 'llm' });
  const held = await claim(session);
  expect(held).toHaveLength(1);
  const parked = claim(session, 10, 30);
  await complete(held);
  expect(await parked).toHaveLength(1);
});

test('the policy allows and denies capabilities with attributes by their names', async () => {
  const { open } = await register({ deniedCapabilities: ['root'] });
  const root = { name: 'root', attributes: { since: 1970 } };
  expect((await open({ capabilities: ['gpu', root] })).error).toMatchObject({
    code: 'FORBIDDEN',
    field: 'capabilities[1]',
  });
});

test('the list shows policy, load, status and metadata', async () => {
  const { id, openSession, claim, submit } = await register({
    categoryLimits: { llm: 2 },
    claimsPerMinute: 100,
    expiresInSeconds: 3_600,
    metadata: { rack: 7 },
  });
  const find = async () => (await admin().workers.list()).find((worker) => worker.id === id);
  expect(await find()).toMatchObject({ status: 'stale', runningJobs: 0, sessions: [] });
  for (let job = 0; job < 3; job++) await submit({ category: 'llm' });
  await claim(await openSession());
  expect(await find()).toMatchObject({
    status: 'active',
    runningJobs: 2,
    metadata: { rack: 7 },
    policy: {
      allowedCapabilities: null,
      deniedCapabilities: [],
      allowedKinds: null,
      priorityMin: -32_768,
      priorityMax: 32_767,
      maxConcurrentJobs: null,
      categoryLimits: { llm: 2 },
      claimsPerMinute: 100,
    },
    expiresAt: expect.stringContaining('T'),
    sessions: [expect.objectContaining({ capabilities: [] })],
  });
  await admin().workers.revoke(id);
  expect(await find()).toMatchObject({ status: 'revoked', runningJobs: 0 });
});
