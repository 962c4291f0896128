import { randomUUID } from 'node:crypto';
import type { ClaimedJob } from '@longshore/contract';
import { createAdminClient } from '@longshore/sdk';
import { eventually, useApi } from '@longshore/test-kit';
import { beforeAll, expect, test } from 'vitest';
import { type Answered, call } from '../processes/call.ts';

const api = useApi();
let otherUrl = '';
beforeAll(async () => {
  otherUrl = (await api.startSecondApi()).url;
  const isListening = async (url: string): Promise<boolean> =>
    ((await (await fetch(`${url}/health/ready`)).json()) as { listener: string }).listener !== 'detached';
  await eventually(async () => (await isListening(api.url)) && (await isListening(otherUrl)));
});

const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });
const refused = { status: 401, data: { longshore: { code: 'UNAUTHENTICATED' } } };

const untilRefused = (ask: () => Promise<Answered>) =>
  eventually(async () => (await ask()).status === refused.status);

/** A worker whose process speaks to the other API, and the kind of its jobs. */
const startWorker = async () => {
  const kind = randomUUID();
  const worker = await admin().workers.register({ name: kind });
  const [key] = (await admin().keys.list()).filter(({ workerId }) => workerId === worker.id);
  const ask = (procedure: string, input: object, apiKey = worker.apiKey): Promise<Answered> =>
    call(otherUrl, apiKey, `worker.${procedure}`, input);
  const { data } = await ask('openSession', { kinds: [kind] });
  const { sessionId } = data as { sessionId: string };
  const claim = (waitSeconds = 0, apiKey = worker.apiKey) =>
    ask('claim', { sessionId, limit: 10, waitSeconds }, apiKey);
  /** A claim that finds nothing yet. What is asked after it is answered after it has looked. */
  const park = async (): Promise<{ answered: Promise<Answered> }> => {
    const answered = claim(25);
    await ask('heartbeat', { sessionId, held: [] });
    return { answered };
  };
  const claimOne = async (): Promise<ClaimedJob> =>
    ((await claim(10)).data as { jobs: ClaimedJob[] }).jobs[0]!;
  return { ...worker, keyId: key!.id, kind, sessionId, ask, claim, claimOne, park };
};
const submit = async (kind: string, apiKey = api.keys.submit): Promise<string> =>
  ((await call(api.url, apiKey, 'jobs.submit', { kind, payload: null })).data as { id: string }).id;
const readJob = async (id: string) => {
  const sql = 'select state, attempt, session_id from longshore.live_jobs where id = $1';
  return (await api.database.query(sql, [id]))[0];
};
const back = { state: 'available', attempt: 0, session_id: null };
test('a revoked worker is refused by every process, its lease writes nothing, and its job goes back unspent', async () => {
  const worker = await startWorker();
  const id = await submit(worker.kind);
  const { leaseToken } = await worker.claimOne();
  expect(await readJob(id)).toMatchObject({ state: 'running', attempt: 1 });

  await admin().workers.revoke(worker.id);

  expect(await readJob(id)).toEqual(back);
  const items = [{ id, leaseToken, result: 'late' }];
  await untilRefused(() => worker.ask('complete', { items }));
  expect(await worker.ask('heartbeat', { sessionId: worker.sessionId, held: [] })).toMatchObject(refused);
  expect(await readJob(id)).toEqual(back);
});

test('a job that somebody keeps locked does not delay the revocation of its worker, and goes back soon after', async () => {
  const worker = await startWorker();
  const [locked, free] = [await submit(worker.kind), await submit(worker.kind)];
  await worker.claim(10);
  await worker.claim();
  const stranger = await api.database.connect();
  await stranger.query('begin');
  await stranger.query('select from longshore.jobs where id = $1 for key share', [locked]);

  await admin().workers.revoke(worker.id);

  expect(await readJob(free)).toEqual(back);
  await untilRefused(() => worker.ask('heartbeat', { sessionId: worker.sessionId, held: [] }));
  expect(await readJob(locked)).toMatchObject({ state: 'running' });
  await stranger.query('rollback');
  await eventually(async () => (await readJob(locked))!.state === 'available');
  expect(await readJob(locked)).toEqual(back);
});

test('a lease that outlives its worker is refused whoever brings it', async () => {
  const [revoked, colleague] = [await startWorker(), await startWorker()];
  const id = await submit(revoked.kind);
  const { leaseToken } = await revoked.claimOne();
  await admin().workers.revoke(revoked.id);
  const { data } = await colleague.ask('complete', { items: [{ id, leaseToken, result: 'stolen' }] });
  expect(data).toMatchObject({ answers: [{ ok: false, error: { code: 'LEASE_LOST' } }] });
  expect(await readJob(id)).toEqual(back);
});

test("revoking a worker's last key ends its sessions; with another key it goes on", async () => {
  const worker = await startWorker();
  const id = await submit(worker.kind);
  await worker.claimOne();
  const second = await admin().keys.rotate({ id: worker.keyId });

  await admin().keys.revoke(worker.keyId);
  expect(await readJob(id)).toMatchObject({ state: 'running', attempt: 1 });
  const beat = { sessionId: worker.sessionId, held: [] };
  expect(await worker.ask('heartbeat', beat, second.apiKey)).toMatchObject({ status: 200 });

  await admin().keys.revoke(second.id);
  expect(await readJob(id)).toEqual(back);
});

test('a parked claim of a worker that is revoked on another process is refused, not left waiting', async () => {
  const worker = await startWorker();
  const { answered } = await worker.park();
  await admin().workers.revoke(worker.id);
  expect(await answered).toMatchObject(refused);
});

test('a parked claim whose key was revoked gets no job, and the job goes to others', async () => {
  const worker = await startWorker();
  const second = await admin().keys.rotate({ id: worker.keyId });
  const { answered } = await worker.park();
  await admin().keys.revoke(worker.keyId);
  // The session lives on by the second key, so the claim stays parked until there is a job.
  const id = await submit(worker.kind);
  expect(await answered).toMatchObject(refused);
  const next = await worker.claim(10, second.apiKey);
  expect(next.data).toMatchObject({ jobs: [{ id, attempt: 1 }] });
});

test('whoever waits for a job with a key that is revoked meanwhile is not told of its result', async () => {
  const worker = await startWorker();
  const key = await admin().keys.create({ role: 'submit', name: 'waiting' });
  const id = await submit(worker.kind);
  const { leaseToken } = await worker.claimOne();
  const waiting = call(otherUrl, key.apiKey, 'jobs.wait', { id, waitSeconds: 25 });
  await eventually(async () => {
    const { last_used_at } = (
      await api.database.query('select last_used_at from longshore.api_keys where id = $1', [key.id])
    )[0]!;
    return last_used_at;
  });
  await admin().keys.revoke(key.id);
  await untilRefused(() => call(otherUrl, key.apiKey, 'jobs.cancel', { ids: [randomUUID()] }));
  expect(await worker.ask('complete', { items: [{ id, leaseToken, result: 'secret' }] })).toMatchObject({
    status: 200,
  });
  expect(await waiting).toMatchObject(refused);
});

test("all of an org's workers are revoked in one act, and nobody else's", async () => {
  const org = await api.addOrg(`org-${randomUUID()}`);
  const theirs = createAdminClient({ url: api.url, apiKey: org.keys.admin });
  const names = ['one', 'two', 'three'];
  const workers = await Promise.all(names.map((name) => theirs.workers.register({ name })));
  const running = await Promise.all(
    workers.map(async ({ apiKey }) => {
      const { data } = await call(otherUrl, apiKey, 'worker.openSession', { kinds: ['mass'] });
      const { sessionId } = data as { sessionId: string };
      const id = await submit('mass', org.keys.submit);
      const claimed = await call(otherUrl, apiKey, 'worker.claim', { sessionId, limit: 1, waitSeconds: 10 });
      expect(claimed.data).toMatchObject({ jobs: [expect.anything()] });
      return { apiKey, id };
    }),
  );
  const bystander = await startWorker();

  expect(await theirs.workers.revokeAll()).toBe(workers.length + 1);

  for (const { apiKey, id } of running) {
    expect(await readJob(id)).toEqual(back);
    await untilRefused(() => call(otherUrl, apiKey, 'worker.openSession', { kinds: ['mass'] }));
  }
  expect(await bystander.claim()).toMatchObject({ status: 200 });
  expect(await theirs.workers.revokeAll()).toBe(0);
  const audit = await api.database.query(
    `select action, after from longshore.audit_log where org_id = $1 and action like 'workers.revoke%' order by seq`,
    [org.orgId],
  );
  expect(audit).toEqual([
    { action: 'workers.revokeAll', after: { revoked: workers.length + 1 } },
    { action: 'workers.revokeAll', after: { revoked: 0 } },
  ]);
});
