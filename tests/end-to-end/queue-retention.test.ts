import { type FinishAnswer, type JobState, uuidV7 } from '@longshore/contract';
import { connect, createHistoryTrim, type Database } from '@longshore/db';
import { createAdminClient, createApiClient, createClient } from '@longshore/sdk';
import { eventually, steerClock, useApi } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const api = useApi();
let db: Database;
let clock: ReturnType<typeof steerClock>;
beforeAll(() => {
  db = connect({ url: api.database.apiUrl, poolSize: 2 });
  clock = steerClock(api.database);
});
afterAll(() => db.close());

const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });
const client = () => createClient({ url: api.url, apiKey: api.keys.submit });
let queues = 0;
const newQueue = (): string => `kept-${queues++}`;

/** Jobs of the queue that ended so, a second after one another. */
const finish = async (queue: string, state: 'completed' | 'failed' | 'cancelled', count: number) => {
  const jobs = createApiClient({ url: api.url, apiKey: api.keys.submit }).jobs;
  const { worker } = createApiClient({ url: api.url, apiKey: api.keys.worker });
  const { sessionId } = await worker.openSession({ kinds: ['work'], queues: [queue] });
  const ids = Array.from({ length: count }, () => uuidV7());
  for (const id of ids) {
    await jobs.submitEach({ jobs: [{ id, kind: 'work', queue, payload: null }], areIdsNew: true });
    if (state === 'cancelled') await jobs.cancel({ ids: [id] });
    else {
      const [claimed] = (await worker.claim({ sessionId, limit: 1 })).jobs;
      const lease = { id, leaseToken: claimed!.leaseToken };
      await worker.report({ items: [{ ...lease, output: [{ stream: 'log', text: 'hello' }] }] });
      const failure = { ...lease, error: { message: 'no' }, isRetryable: false };
      const { answers } =
        state === 'completed'
          ? await worker.complete({ items: [lease] })
          : await worker.fail({ items: [failure] });
      expect(answers).toEqual([expect.objectContaining<Partial<FinishAnswer>>({ ok: true })]);
    }
    await clock.advance(1);
  }
  await worker.closeSession({ sessionId });
  return ids;
};
/** The API's own duty may look meanwhile, so how much this call removes says nothing. */
const trim = async (queue: string): Promise<void> => {
  const history = createHistoryTrim(db);
  await eventually(async () => {
    for (const outcome of ['completed', 'failed'] as const)
      await history.trimQueue({ orgId: api.orgId, queue, outcome });
    return (await history.dueTrims(100)).every((due) => due.queue !== queue);
  });
};
const stateOf = (id: string): Promise<JobState | null> =>
  client()
    .get(id)
    .then(
      ({ state }) => state,
      () => null,
    );
const statesOf = (ids: string[]) => Promise.all(ids.map(stateOf));

test('a count keeps the newest so many of a queue by outcome, and nothing of another queue goes', async () => {
  const [queue, other] = [newQueue(), newQueue()];
  const completed = await finish(queue, 'completed', 4);
  const failed = [...(await finish(queue, 'failed', 2)), ...(await finish(queue, 'cancelled', 2))];
  const beside = await finish(other, 'completed', 2);
  await clock.advance(120);
  await admin().queues.retain({ queue, completed: { count: 1 }, failed: { count: 3 } });

  await trim(queue);
  expect(await statesOf(completed)).toEqual([null, null, null, 'completed']);
  expect(await statesOf(failed)).toEqual([null, 'failed', 'cancelled', 'cancelled']);
  expect(await statesOf(beside)).toEqual(['completed', 'completed']);
});

test('an age keeps what finished within it, and a count beside it bounds that too', async () => {
  const queue = newQueue();
  const old = await finish(queue, 'completed', 2);
  await clock.advance(600);
  const young = await finish(queue, 'completed', 3);
  await clock.advance(70);
  await admin().queues.retain({ queue, completed: { ageSeconds: 300 } });
  await trim(queue);
  expect(await statesOf([...old, ...young])).toEqual([null, null, 'completed', 'completed', 'completed']);

  await admin().queues.retain({ queue, completed: { ageSeconds: 300, count: 2 } });
  await trim(queue);
  expect(await statesOf(young)).toEqual([null, 'completed', 'completed']);
});

test('what finished within the last minute stays, and goes when it is due again', async () => {
  const queue = newQueue();
  const ids = await finish(queue, 'completed', 2);
  await admin().queues.retain({ queue, completed: { count: 0 } });
  await trim(queue);
  expect(await statesOf(ids)).toEqual(['completed', 'completed']);
  await clock.advance(61);
  await trim(queue);
  expect(await statesOf(ids)).toEqual([null, null]);
});

test('an API process looks by itself', async () => {
  const queue = newQueue();
  const ids = await finish(queue, 'failed', 2);
  await clock.advance(61);
  await admin().queues.retain({ queue, failed: { count: 1 } });
  await eventually(async () => (await stateOf(ids[0]!)) === null, { timeoutMs: 30_000 });
  expect(await stateOf(ids[1]!)).toBe('failed');
});

test('a job that leaves history takes its output along', async () => {
  const queue = newQueue();
  const [first, second] = await finish(queue, 'completed', 2);
  await clock.advance(61);
  await admin().queues.retain({ queue, completed: { count: 1 } });
  await trim(queue);
  const rows = await api.database.query('select job_id from longshore.job_output where job_id = any ($1)', [
    [first, second],
  ]);
  expect(rows).toEqual([{ job_id: second }]);
});

test('a retention that is lifted removes nothing more', async () => {
  const queue = newQueue();
  const ids = await finish(queue, 'completed', 2);
  await clock.advance(61);
  await admin().queues.retain({ queue, completed: { count: 0 }, failed: { ageSeconds: 60 } });
  expect(await admin().queues.retain({ queue, completed: null })).toEqual({
    completed: null,
    failed: { ageSeconds: 60 },
  });
  await trim(queue);
  expect(await admin().queues.retain({ queue, failed: null })).toEqual({ completed: null, failed: null });
  expect((await createHistoryTrim(db).dueTrims(100)).filter((due) => due.queue === queue)).toEqual([]);
  expect(await statesOf(ids)).toEqual(['completed', 'completed']);
});

test('what was removed, and what is kept, stands in the audit log', async () => {
  const queue = newQueue();
  await finish(queue, 'completed', 2);
  await admin().queues.retain({ queue, completed: { count: 5 } });
  await admin().queues.clean({ queue, states: ['completed'], graceSeconds: 0, limit: 1 });
  const { entries } = await admin().audit.list({ target: queue });
  expect(entries).toMatchObject([
    { action: 'queues.clean', after: { states: ['completed'], graceSeconds: 0, removed: 1 } },
    {
      action: 'queues.retain',
      before: { completed: null, failed: null },
      after: { completed: { count: 5 }, failed: null },
    },
  ]);
});

test('another org can neither set the retention of a queue nor clean it', async () => {
  const queue = newQueue();
  const ids = await finish(queue, 'completed', 2);
  const { keys } = await api.addOrg('other');
  const stranger = createAdminClient({ url: api.url, apiKey: keys.admin });
  await stranger.queues.retain({ queue, completed: { count: 0 } });
  expect(await stranger.queues.clean({ queue, states: ['completed'], graceSeconds: 0, limit: 10 })).toEqual({
    ids: [],
    goOnFrom: null,
  });
  expect(await stranger.queues.counts(queue)).toMatchObject({ completed: 0 });
  expect((await admin().queues.counts(queue)).retention.completed).toBeNull();
  expect(await statesOf(ids)).toEqual(['completed', 'completed']);
});
