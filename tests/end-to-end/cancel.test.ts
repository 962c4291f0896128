import { once } from 'node:events';
import type { RunningApi } from '@longshore/api';
import {
  createApiClient,
  createClient,
  createWorker,
  defineJob,
  type LongshoreError,
  type Worker,
} from '@longshore/sdk';
import { eventually, type Gate, gate, type TestApi, useApi } from '@longshore/test-kit';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const endless = defineJob({ kind: 'endless', payload: z.null() });
/** So long that no regular heartbeat comes within a test. */
const leaseSeconds = 3_600;
let worker: Worker | undefined;

afterEach(() => worker?.forceStop());

/** A worker whose handlers run until they are told to stop; `reasons` has what they were told, by the id of the job. */
const startEndless = async (
  api: TestApi,
  started: Gate<void>[] = [],
): Promise<Map<string, LongshoreError>> => {
  const reasons = new Map<string, LongshoreError>();
  const handler = endless.handler(async (_, { job, signal }) => {
    started.shift()?.open();
    await once(signal, 'abort');
    reasons.set(job.id, signal.reason);
    throw signal.reason;
  });
  worker = createWorker({ url: api.url, apiKey: api.keys.worker, leaseSeconds, handlers: [handler] });
  await worker.start();
  return reasons;
};

const clientOf = (api: TestApi, url = api.url) => createClient({ url, apiKey: api.keys.submit });

describe.for([
  ['notices between the processes', {}],
  ['no notices between the processes', { LONGSHORE_LISTEN_DATABASE_URL: 'off' }],
] as const)('with %s', ([_, env]) => {
  const api = useApi({ env });
  let other: RunningApi;
  beforeAll(async () => {
    other = await api.startSecondApi();
  });

  test('a cancel through another API process than the worker’s reaches the handler between two heartbeats', async () => {
    const started = gate();
    const reasons = await startEndless(api, [started]);
    const handle = await clientOf(api).submit(endless, null);
    await started.opened;

    await clientOf(api, other.url).cancel(handle.id, { reason: 'changed my mind' });

    await expect(handle.wait({ timeoutSeconds: 30 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    expect(reasons.get(handle.id)).toMatchObject({ code: 'JOB_CANCELLED', message: 'changed my mind' });
  });

  test('one cancel after the other reaches handlers of the same worker', async () => {
    const gates = [gate(), gate(), gate()];
    const reasons = await startEndless(api, [...gates]);
    const handles = await clientOf(api).submitMany([
      endless.request(null),
      endless.request(null),
      endless.request(null),
    ]);
    await Promise.all(gates.map(({ opened }) => opened));

    for (const { id } of handles) {
      await clientOf(api, other.url).cancel(id);
      await eventually(() => reasons.has(id));
    }
  });
});

describe('cancelled jobs', () => {
  const api = useApi();

  test('say who asked for it and when, be it before they ran or while they ran', async () => {
    const started = gate();
    await startEndless(api, [started]);
    const client = clientOf(api);
    const running = await client.submit(endless, null);
    await started.opened;
    const waiting = await client.submit(endless, null, { delaySeconds: 1_000 });
    await client.cancel(running.id, { reason: 'enough' });
    await client.cancel(waiting.id);
    await expect(running.wait({ timeoutSeconds: 30 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' });

    const [keyOfSubmit] = await api.database.query<{ id: string }>(
      "select id from longshore.api_keys where org_id = $1 and role = 'submit'",
      [api.orgId],
    );
    const cancelled = { state: 'cancelled', cancelledBy: keyOfSubmit!.id };
    const ran = await client.get(running.id);
    const waited = await client.get(waiting.id);
    expect(ran).toMatchObject({ ...cancelled, reason: 'enough' });
    expect(waited).toMatchObject({ ...cancelled, reason: null });
    for (const job of [ran, waited]) {
      if (job.state !== 'cancelled') throw new Error(job.state);
      expect(Date.parse(job.cancelRequestedAt!)).toBeLessThanOrEqual(Date.parse(job.finishedAt));
      expect(Date.parse(job.createdAt)).toBeLessThanOrEqual(Date.parse(job.cancelRequestedAt!));
    }
  });

  test('by a filter are all that fit every part of it and no others; what runs is asked to stop', async () => {
    const started = gate();
    const reasons = await startEndless(api, [started]);
    const client = clientOf(api);
    const running = await client.submit(endless, null, { tags: ['old'] });
    await started.opened;
    const submit = (options: { queue: string; tags?: string[] }) =>
      client.submit(endless, null, { delaySeconds: 1_000, ...options });
    const fits = [
      await submit({ queue: 'mail', tags: ['old'] }),
      await submit({ queue: 'mail', tags: ['old', 'x'] }),
    ];
    const others = [await submit({ queue: 'mail' }), await submit({ queue: 'else', tags: ['old'] })];

    expect((await client.list({ tag: 'x' })).jobs.map(({ id }) => id)).toEqual([fits[1]!.id]);
    expect(await client.cancelWhere({ queue: 'mail', tag: 'old' })).toEqual({ cancelled: 2, asked: 0 });
    expect(await client.cancelWhere({ tag: 'old', state: 'running' })).toEqual({ cancelled: 0, asked: 1 });
    expect(await client.cancelWhere({ createdBefore: '2020-01-01T00:00:00Z' })).toEqual({
      cancelled: 0,
      asked: 0,
    });

    const statesOf = (handles: { id: string }[]) =>
      Promise.all(handles.map(async ({ id }) => (await client.get(id)).state));
    expect(await statesOf(fits)).toEqual(['cancelled', 'cancelled']);
    expect(await statesOf(others)).toEqual(['scheduled', 'scheduled']);
    await eventually(() => reasons.has(running.id));
  });

  test('by batch are more than fit one step, and one row of the audit log tells of them', async () => {
    const client = clientOf(api);
    const request = endless.request(null, { batchId: 'large', delaySeconds: 1_000 });
    for (let step = 0; step < 3; step++)
      await client.submitMany(Array.from({ length: step < 2 ? 1_000 : 1 }, () => request));
    const before = await api.database.query(
      "select from longshore.audit_log where action = 'jobs.cancelWhere'",
    );

    expect(await client.cancelBatch('large', { reason: 'no need' })).toEqual({ cancelled: 2_001, asked: 0 });

    expect(await client.batchStatus('large')).toMatchObject({ isDone: true, byState: { cancelled: 2_001 } });
    const rows = await api.database.query<{ target: string; after: object }>(
      "select target, after from longshore.audit_log where action = 'jobs.cancelWhere' order by seq",
    );
    expect(rows.slice(before.length)).toEqual([
      { target: '2001 jobs', after: { filter: { batchId: 'large' }, reason: 'no need', count: 2_001 } },
    ]);
  });

  test('by a filter that names nothing are none', async () => {
    await expect(clientOf(api).cancelWhere({ reason: 'all of them' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test('whose handler does not stop are taken from their worker when the grace is over', async () => {
    const deaf = defineJob({ kind: 'deaf', payload: z.null() });
    const [started, over] = [gate(), gate()];
    const strict = await api.startSecondApi({ LONGSHORE_CANCEL_GRACE_SECONDS: '0.5' });
    worker = createWorker({
      url: strict.url,
      apiKey: api.keys.worker,
      leaseSeconds,
      handlers: [
        deaf.handler(async () => {
          started.open();
          await over.opened;
        }),
      ],
    });
    await worker.start();
    const handle = await clientOf(api).submit(deaf, null);
    await started.opened;

    await clientOf(api).cancel(handle.id);

    await expect(handle.wait({ timeoutSeconds: 30 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    over.open();
    expect(await clientOf(api).get(handle.id)).toMatchObject({
      state: 'cancelled',
      attempts: [{ outcome: 'cancelled' }],
    });
  });
});

describe('an attempt that is past its timeout', () => {
  const api = useApi();

  test('is ended by the server, and its worker hears why between two heartbeats', async () => {
    const { worker: calls } = createApiClient({
      url: api.url,
      apiKey: api.keys.worker,
    });
    const { sessionId } = await calls.openSession({ kinds: ['endless'], leaseSeconds });
    const handle = await clientOf(api).submit(endless, null, { timeoutSeconds: 0.5, maxAttempts: 1 });
    const { jobs } = await calls.claim({ sessionId, limit: 1, waitSeconds: 10 });
    const { id, leaseToken } = jobs[0]!;

    expect(await calls.listen({ sessionId, waitSeconds: 30 })).toEqual({ isNudged: true });

    const { lost } = await calls.heartbeat({ sessionId, held: [{ id, leaseToken }] });
    expect(lost).toEqual([{ id, leaseToken, state: 'failed', outcome: 'timed_out' }]);
    await expect(handle.wait()).rejects.toMatchObject({ code: 'JOB_FAILED' });
  });
});
