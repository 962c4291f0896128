import { type ClaimedJob, type JobEvent, jobEventNames } from '@longshore/contract';
import { createApiClient, createClient, defineJob } from '@longshore/sdk';
import { eventually, steerClock, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const clock = steerClock({ query: (sql, params) => api.database.query(sql, params) });

const job = defineJob({ kind: 'long', payload: z.null(), result: z.null() });
const asAdmin = () => createClient({ url: api.url, apiKey: api.keys.admin });
const asSubmitter = () => createClient({ url: api.url, apiKey: api.keys.submit });
const asWorker = () => createApiClient({ url: api.url, apiKey: api.keys.worker }).worker;

/** Claims the one job that waits, for a new session. */
const claim = async (leaseSeconds = 3_600): Promise<ClaimedJob & { sessionId: string }> => {
  const { sessionId } = await asWorker().openSession({ kinds: [job.kind], leaseSeconds });
  const { jobs } = await asWorker().claim({ sessionId, limit: 1, waitSeconds: 20 });
  expect(jobs).toHaveLength(1);
  return { ...jobs[0]!, sessionId };
};
const lease = ({ id, leaseToken }: ClaimedJob) => ({ id, leaseToken });
const untilState = (id: string, state: string) =>
  eventually(async () => (await asSubmitter().get(id)).state === state, { timeoutMs: 20_000 });
const told = ({ event, attempt, actor }: JobEvent) => [event, attempt, actor];

test('the trail tells all that happened to a job, who did it and when', async () => {
  const { id } = await asSubmitter().submit(job, null, {
    maxAttempts: 2,
    timeoutSeconds: 60,
    backoff: { type: 'fixed', baseSeconds: 10, jitter: 'none' },
  });

  const lost = await claim(15);
  await asWorker().report({ items: [{ ...lease(lost), progress: { part: 0.5 } }] });
  await clock.advance(30);
  await untilState(id, 'available');

  await claim();
  await clock.advance(70);
  await untilState(id, 'scheduled');
  await clock.advance(20);

  const error = { message: 'it broke', name: 'Broken', stack: 'at secret.ts:1' };
  await asWorker().fail({ items: [{ ...lease(await claim()), error }] });
  await asAdmin().retry(id);

  const unwanted = await claim();
  await asSubmitter().cancel(id, { reason: 'changed my mind' });
  await asWorker().fail({ items: [{ ...lease(unwanted), error }] });
  await asSubmitter().retry(id);

  await asWorker().snooze({ items: [{ ...lease(await claim()), delaySeconds: 5 }] });
  await clock.advance(10);
  await asWorker().release({ items: [lease(await claim())] });
  const last = await claim();
  await asWorker().report({ items: [{ ...lease(last), progress: { part: 0.9 } }] });
  await asWorker().complete({ items: [{ ...lease(last), result: null }] });

  const trail = await asSubmitter().events(id);
  expect(trail.map(told)).toEqual([
    ['created', null, 'key test submit'],
    ['claimed', 1, 'worker test worker'],
    ['progress', 1, 'worker test worker'],
    ['heartbeat_lost', 1, 'longshore'],
    ['claimed', 1, 'worker test worker'],
    ['timed_out', 1, 'longshore'],
    ['retried', 1, 'longshore'],
    ['claimed', 2, 'worker test worker'],
    ['failed', 2, 'worker test worker'],
    ['dead_lettered', null, 'longshore'],
    ['redriven', null, 'key test admin'],
    ['claimed', 3, 'worker test worker'],
    ['cancel_requested', null, 'key test submit'],
    ['failed', 3, 'worker test worker'],
    ['cancelled', null, 'key test submit'],
    ['redriven', null, 'key test submit'],
    ['claimed', 4, 'worker test worker'],
    ['snoozed', 4, 'worker test worker'],
    ['claimed', 4, 'worker test worker'],
    ['released', 4, 'worker test worker'],
    ['claimed', 4, 'worker test worker'],
    ['progress', 4, 'worker test worker'],
    ['completed', 4, 'worker test worker'],
  ]);

  // Every kind of event there is, in the order of time, each claim by the session that made it.
  expect(new Set(trail.map(({ event }) => event))).toEqual(new Set(jobEventNames));
  expect(trail.map(({ at }) => at)).toEqual(trail.map(({ at }) => at).toSorted());
  expect(trail[3]).toMatchObject({ sessionId: lost.sessionId, workerName: 'test worker' });
  const retriedAt = Date.parse(trail[6]!.at);
  expect(Date.parse(String(trail[6]!.detail!.run_at)) - retriedAt).toBe(10_000);
  expect(trail[8]!.detail).toEqual({ error: { message: 'it broke', name: 'Broken' } });
  expect(trail[12]!.detail).toMatchObject({ reason: 'changed my mind' });
});

test('B-54: a job that killed three workers was lost three times and goes to the dead letters, and the next has its turn', async () => {
  const { id } = await asSubmitter().submit(job, null);
  for (let deaths = 0; deaths < 3; deaths++) {
    await claim(3);
    await clock.advance(10);
    await untilState(id, deaths < 2 ? 'available' : 'failed');
  }
  const events = (await asSubmitter().events(id)).map(({ event }) => event);
  const death = ['claimed', 'heartbeat_lost'];
  expect(events).toEqual(['created', ...death, ...death, ...death, 'dead_lettered']);

  const next = await asSubmitter().submit(job, null);
  const held = await claim();
  expect(held.id).toBe(next.id);
  await asWorker().complete({ items: [{ ...lease(held), result: null }] });
});

test('a job that completes although somebody asked to cancel it says so', async () => {
  const { id } = await asSubmitter().submit(job, null);
  const held = await claim();
  await asAdmin().cancel(id);
  await asWorker().complete({ items: [{ ...lease(held), result: null }] });
  expect((await asAdmin().events(id)).map(told).slice(-2)).toEqual([
    ['cancel_requested', null, 'key test admin'],
    ['completed', 1, 'worker test worker'],
  ]);
});

test('a retry of a job that waits for its time is told with who asked', async () => {
  const { id } = await asSubmitter().submit(job, null, { delaySeconds: 1_000 });
  await asAdmin().retry(id);
  expect((await asAdmin().events(id)).map(told)).toEqual([
    ['created', null, 'key test submit'],
    ['retried', null, 'key test admin'],
  ]);
});

test('what came by SQL and what the system ended by itself name no key', async () => {
  const query = async (sql: string, values: unknown[]): Promise<string> =>
    (await api.database.query<{ id: string }>(sql, values))[0]!.id;
  const submit = (options: object) =>
    query("select longshore.submit($1, 'sql', 'null', $2) as id", [api.org, JSON.stringify(options)]);
  const parent = await submit({ delay_seconds: 1_000 });
  const child = await submit({ depends_on: [parent] });
  await asSubmitter().cancel(parent);
  await untilState(child, 'cancelled');
  expect((await asSubmitter().events(child)).map(told)).toEqual([
    ['created', null, expect.stringMatching(/^sql:/)],
    ['cancelled', null, 'longshore'],
  ]);
});
