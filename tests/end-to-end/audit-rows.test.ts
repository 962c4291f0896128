import { createHash, randomUUID } from 'node:crypto';
import { appRouter } from '@longshore/api';
import { type Role, uuidV7 } from '@longshore/contract';
import { createAdminClient, createApiClient, createClient } from '@longshore/sdk';
import { type TestKeys, useApi } from '@longshore/test-kit';
import { beforeAll, expect, test } from 'vitest';

const api = useApi();
let org: { orgId: number; keys: TestKeys };
beforeAll(async () => {
  org = await api.addOrg('audited');
});

const admin = () => createAdminClient({ url: api.url, apiKey: org.keys.admin });
const submitJob = async (): Promise<string> => {
  const id = uuidV7();
  await call('jobs.submit', 'submit', { id, kind: 'work', payload: null });
  return id;
};
const makeKeyId = async () => (await admin().keys.create({ role: 'submit', name: 'short-lived' })).id;
const makeWorkerId = async () => (await admin().workers.register({ name: 'short-lived' })).id;
const newHash = () => ({
  keyHash: createHash('sha256').update(randomUUID()).digest('hex'),
  encoding: 'hex',
});

interface AuditedCall {
  role: Role;
  makeInput: () => unknown;
}

/** Mutations by people: each writes one row. */
const audited: Record<string, AuditedCall> = {
  'orgs.create': { role: 'operator', makeInput: () => ({ slug: 'made-by-operator' }) },
  'keys.create': { role: 'admin', makeInput: () => ({ role: 'submit', name: 'ci' }) },
  'keys.createWithHash': {
    role: 'admin',
    makeInput: () => ({ role: 'submit', name: 'imported', ...newHash() }),
  },
  'keys.rotate': { role: 'admin', makeInput: async () => ({ id: await makeKeyId() }) },
  'keys.revoke': { role: 'admin', makeInput: async () => ({ id: await makeKeyId() }) },
  'workers.register': { role: 'admin', makeInput: () => ({ name: 'twin' }) },
  'workers.registerWithHash': { role: 'admin', makeInput: () => ({ name: 'imported', ...newHash() }) },
  'workers.update': {
    role: 'admin',
    makeInput: async () => ({ id: await makeWorkerId(), maxConcurrentJobs: 2 }),
  },
  'workers.revoke': { role: 'admin', makeInput: async () => ({ id: await makeWorkerId() }) },
  'workers.send': { role: 'admin', makeInput: () => ({ to: { all: true }, type: 'resume' }) },
  'workers.revokeAll': { role: 'admin', makeInput: () => ({ all: true }) },
  'queues.retain': { role: 'admin', makeInput: () => ({ queue: 'slow', completed: { count: 1 } }) },
  'queues.clean': {
    role: 'admin',
    makeInput: () => ({ queue: 'slow', states: ['failed'], graceSeconds: 0, limit: 10 }),
  },
  'queues.pause': { role: 'admin', makeInput: () => ({ queue: 'slow' }) },
  'queues.resume': { role: 'admin', makeInput: () => ({ queue: 'slow' }) },
  'jobs.cancel': {
    role: 'submit',
    makeInput: async () => ({ ids: [await submitJob(), await submitJob(), uuidV7()], reason: 'a test' }),
  },
  'jobs.cancelWhere': { role: 'submit', makeInput: () => ({ batchId: 'none', reason: 'a test' }) },
  'jobs.retry': { role: 'submit', makeInput: async () => ({ ids: [await submitJob()] }) },
};

/**
 * Mutations that write no row: the trail of each job tells of them, and messages are rows of their own. `jobs.wait`,
 * `jobs.waitMany` and `worker.listen` change nothing.
 */
const toldByTheTrail = [
  'jobs.submit',
  'jobs.submitEach',
  'jobs.submitMany',
  'jobs.wait',
  'jobs.waitMany',
  'worker.openSession',
  'worker.closeSession',
  'worker.claim',
  'worker.heartbeat',
  'worker.complete',
  'worker.fail',
  'worker.release',
  'worker.snooze',
  'worker.report',
  'worker.listen',
  'worker.acknowledge',
  'worker.send',
];

interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription' };
}
const mutations = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>)
  .filter(([, procedure]) => procedure._def.type === 'mutation')
  .map(([path]) => path);

test('every mutation is either audited or told by the trail of its jobs', () => {
  expect(mutations.toSorted()).toEqual([...Object.keys(audited), ...toldByTheTrail].toSorted());
});

test.for(Object.entries(audited))('%s writes exactly one row', async ([path, { role, makeInput }]) => {
  const input = await makeInput();
  const before = await readLog();

  const { status, requestId } = await call(path, role, input);

  expect(status).toBe(200);
  const written = (await readLog()).slice(before.length);
  const orgId = role === 'operator' ? 0 : org.orgId;
  expect(written).toEqual([
    expect.objectContaining({ org_id: orgId, action: path, actor_role: role, request_id: requestId }),
  ]);
  expect(written[0]).toMatchObject({ actor_name: `test ${role}`, address: '127.0.0.1' });
});

test('a call that is refused writes none', async () => {
  const before = await readLog();
  for (const [path, role, input] of [
    ['keys.revoke', 'admin', { id: uuidV7() }],
    ['orgs.create', 'operator', { slug: 'audited' }],
    ['queues.pause', 'submit', { queue: 'slow' }],
    ['jobs.cancel', 'submit', { ids: [] }],
  ] as const) {
    expect((await call(path, role, input)).status).toBeGreaterThanOrEqual(400);
  }
  expect(await readLog()).toHaveLength(before.length);
});

test('submits and all that a worker does write none', async () => {
  const before = await readLog();
  const { jobs } = createApiClient({ url: api.url, apiKey: api.keys.submit });
  const { worker } = createApiClient({ url: api.url, apiKey: api.keys.worker });
  const work = { kind: 'life', payload: null };
  await jobs.submitEach({ jobs: [work], areIdsNew: true });
  await jobs.submitMany({ jobs: [work, work, work, work], areIdsNew: true });

  const { sessionId } = await worker.openSession({ kinds: ['life'] });
  const claimed = (await worker.claim({ sessionId, limit: 5 })).jobs;
  const held = claimed.map(({ id, leaseToken }) => ({ id, leaseToken }));
  expect(held).toHaveLength(5);
  await worker.heartbeat({ sessionId, held });
  await worker.report({ items: [{ ...held[0]!, progress: 1 }] });
  await worker.complete({ items: [held[0]!] });
  await worker.fail({ items: [{ ...held[1]!, error: { message: 'no' } }] });
  await worker.release({ items: [held[2]!] });
  await worker.listen({ sessionId });
  await worker.acknowledge({ sessionId, items: [{ messageId: uuidV7() }] });
  await worker.send({ sessionId, messageId: uuidV7(), type: 'news' });
  await worker.snooze({ items: [{ ...held[3]!, delaySeconds: 100 }] });
  await jobs.wait({ id: held[0]!.id, waitSeconds: 0 });
  await jobs.waitMany({ jobIds: [held[0]!.id], waitSeconds: 0 });
  await worker.closeSession({ sessionId });

  expect(await readLog()).toHaveLength(before.length);
});

test('what jobs.cancel and jobs.retry did stands in their rows, with twenty ids at most', async () => {
  const ids = await Promise.all(Array.from({ length: 25 }, submitJob));
  await call('jobs.cancel', 'submit', { ids: [...ids, uuidV7()] });
  await call('jobs.retry', 'submit', { ids: [ids[0]] });

  const { entries } = await admin().audit.list({ limit: 2 });

  expect(entries).toMatchObject([
    {
      action: 'jobs.retry',
      target: ids[0],
      after: { count: 1, ids: [ids[0]], changed: { available: 1 }, refused: 0 },
    },
    {
      action: 'jobs.cancel',
      target: '26 jobs',
      after: { count: 26, ids: ids.slice(0, 20), changed: { cancelled: 25 }, refused: 1 },
    },
  ]);
});

test('an admin reads the log of the own org, page by page; an operator that of the system', async () => {
  await admin().queues.pause('one');
  await admin().queues.resume('one');
  const newest = await admin().audit.list({ target: 'one' });
  expect(newest.entries).toMatchObject([
    { action: 'queues.resume', before: { isPaused: true }, after: { isPaused: false } },
    { action: 'queues.pause', before: { isPaused: false }, after: { isPaused: true } },
  ]);
  const first = await admin().audit.list({ action: 'queues.pause', limit: 1 });
  const second = await admin().audit.list({
    action: 'queues.pause',
    limit: 1,
    cursor: first.nextCursor!,
  });
  expect(first.entries[0]!.seq).toBeGreaterThan(second.entries[0]!.seq);

  const operator = createAdminClient({ url: api.url, apiKey: org.keys.operator });
  const actions = (await operator.audit.list()).entries.map(({ action }) => action);
  expect(actions).toContain('orgs.create');
  expect(actions).not.toContain('queues.pause');
  await expect(
    createAdminClient({ url: api.url, apiKey: org.keys.submit }).audit.list(),
  ).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('another org has neither the log nor the trail', async () => {
  const id = await submitJob();
  const other = createAdminClient({ url: api.url, apiKey: api.keys.admin });
  expect((await other.audit.list()).entries.map(({ target }) => target)).not.toContain('one');
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  await expect(client.events(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

const call = async (
  path: string,
  role: Role,
  input: unknown,
): Promise<{ status: number; requestId: string | null }> => {
  const response = await fetch(`${api.url}/trpc/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.keys[role]}`, 'content-type': 'application/json' },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });
  await response.arrayBuffer();
  return { status: response.status, requestId: response.headers.get('x-request-id') };
};

/** The logs of all orgs, in the order of writing. */
const readLog = () => api.database.query('select * from longshore.audit_log order by at, org_id, seq');
