import { createAdminClient, createClient, defineJob } from '@longshore/sdk';
import {
  type AddOptions,
  type AgentJobPayload,
  QueueClient,
  type QueueClientConfig,
} from '@longshore/sdk/queue-client';
import { WorkerPool, type WorkerPoolConfig } from '@longshore/sdk/worker-pool';
import { eventually, gate, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const pools: WorkerPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.forceStop())));

let queues = 0;
const makeQueue = (config: QueueClientConfig = {}): QueueClient =>
  new QueueClient({ url: api.url, apiKey: api.keys.admin, name: `queue-${queues++}`, ...config });
const startPool = async (
  name: string,
  processors: WorkerPoolConfig['processors'],
  concurrency = 5,
): Promise<WorkerPool> => {
  const connection = { url: api.url, apiKey: api.keys.worker, abortGrace: 0 };
  const pool = new WorkerPool({ ...connection, name, processors, concurrency });
  pools.push(pool);
  await pool.start();
  return pool;
};

test('0 or no priority runs first, then 1, 2 and so on, and equal ones in their order', async () => {
  const queue = makeQueue();
  const priorities: AddOptions[] = [
    { priority: 10 },
    { priority: 1 },
    {},
    { priority: 2 },
    { priority: 0 },
    { priority: 1 },
  ];
  for (const [index, options] of priorities.entries()) await queue.add('work', index, options);
  const order: number[] = [];
  await startPool(queue.name, { work: (index: number) => void order.push(index) }, 1);
  await eventually(() => order.length === priorities.length);
  expect(order).toEqual([2, 4, 1, 5, 3, 0]);

  for (const priority of [-1, 1.5, 32_768])
    await expect(queue.add('work', null, { priority })).rejects.toMatchObject({ field: 'priority' });
});

test('a job is in one of six states, whatever happens to it', async () => {
  const queue = makeQueue();
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const [running, finish] = [gate(), gate()];
  const waiting = await queue.add('nobody', null);
  const delayed = await queue.add('later', null, { delay: 3_600_000 });
  const given = await queue.add('nobody', null);
  await client.cancel(given.id);
  await startPool(queue.name, {
    long: async () => {
      running.open();
      await finish.opened;
      return { sum: 3 };
    },
    bad: () => {
      throw new Error('no luck');
    },
  });
  const bad = await queue.add('bad', { a: 1 }, { attempts: 1 });
  const long = await queue.add('long', { b: 2 }, { priority: 7 });
  await running.opened;

  expect(await queue.getJobState(waiting.id)).toBe('waiting');
  expect(await queue.getJobState(delayed.id)).toBe('delayed');
  expect(await queue.getJobState(long.id)).toBe('active');
  expect(await queue.getJobState(given.id)).toBe('failed');
  expect(await queue.getJobState('job-1')).toBe('unknown');
  expect(await queue.getJobState(crypto.randomUUID())).toBe('unknown');
  expect(await queue.getJob('job-1')).toBeUndefined();
  await eventually(async () => (await queue.getJobState(bad.id)) === 'failed');
  finish.open();
  await eventually(async () => (await queue.getJobState(long.id)) === 'completed');

  expect(await queue.getJob(bad.id)).toMatchObject({
    name: 'bad',
    data: { a: 1 },
    failedReason: 'no luck',
    returnvalue: null,
  });
  expect(await queue.getJob(long.id)).toMatchObject({
    returnvalue: { sum: 3 },
    priority: 7,
    attemptsMade: 1,
    processedOn: expect.any(Number),
    finishedOn: expect.any(Number),
  });
});

test('metrics count every job, with a priority or none, and the workers that serve the queue', async () => {
  const queue = makeQueue();
  for (const priority of [0, 1, 100]) await queue.add('nobody', null, { priority });
  await queue.add('later', null, { delay: 3_600_000, priority: 3 });
  await queue.add('work', null, { priority: 5 });
  await queue.add('work', null);
  await queue.add('bad', null, { attempts: 1, priority: 1 });
  await makeQueue().add('nobody', null);
  await startPool(queue.name, {
    work: () => null,
    bad: () => {
      throw new Error('no luck');
    },
  });
  const metrics = await eventually(async () => {
    const now = await queue.getMetrics();
    return now.completed + now.failed === 3 && now;
  });
  expect(metrics).toEqual({
    waiting: 3,
    active: 0,
    completed: 2,
    failed: 1,
    delayed: 1,
    depth: 4,
    workerCount: 1,
  });
});

test('nothing of a paused queue starts, and a submit key may not pause, resume or clean', async () => {
  const queue = makeQueue();
  await queue.pause();
  const { id } = await queue.add('work', null);
  const beside = makeQueue();
  const done: string[] = [];
  const processors = { work: (_payload: null, { job }: { job: { id: string } }) => void done.push(job.id) };
  await startPool(queue.name, processors);
  await startPool(beside.name, processors);
  const other = await beside.add('work', null);
  await eventually(() => done.length === 1);
  expect(done).toEqual([other.id]);
  await queue.resume();
  await eventually(() => done.includes(id));

  const submitter = makeQueue({ apiKey: api.keys.submit });
  const refused = { code: 'FORBIDDEN', hint: expect.stringContaining('admin') };
  await expect(submitter.pause()).rejects.toMatchObject(refused);
  await expect(submitter.resume()).rejects.toMatchObject(refused);
  await expect(submitter.clean(0, 10, 'completed')).rejects.toMatchObject(refused);
});

test('clean removes the jobs of one outcome that are old enough, and answers their ids', async () => {
  const queue = makeQueue();
  const done = await Promise.all([0, 1, 2].map(() => queue.add('work', null)));
  const bad = await queue.add('bad', null, { attempts: 1 });
  const given = await queue.add('nobody', null);
  await createClient({ url: api.url, apiKey: api.keys.submit }).cancel(given.id);
  await startPool(queue.name, {
    work: () => null,
    bad: () => {
      throw new Error('no luck');
    },
  });
  await eventually(async () => (await queue.getMetrics()).waiting === 0);
  await eventually(async () => (await queue.getMetrics()).active === 0);

  expect(await queue.clean(3_600_000, 100, 'completed')).toEqual([]);
  const first = await queue.clean(0, 2, 'completed');
  expect(first).toHaveLength(2);
  const rest = await queue.clean(0, 0, 'completed');
  expect([...first, ...rest].toSorted()).toEqual(done.map(({ id }) => id).toSorted());
  expect((await queue.clean(0, 100, 'failed')).toSorted()).toEqual([bad.id, given.id].toSorted());
  expect(await queue.getJobState(first[0]!)).toBe('unknown');
  expect(await queue.getMetrics()).toMatchObject({ completed: 0, failed: 0 });
  // @ts-expect-error jobs that wait are cancelled, not cleaned
  await expect(queue.clean(0, 1, 'waiting')).rejects.toMatchObject({ field: 'state' });
});

test('retries wait as their backoff says: twice as long each time, or the same', async () => {
  const queue = makeQueue({
    defaultJobOptions: { attempts: 4, backoff: { type: 'exponential', delay: 250 } },
  });
  const client = queue.getQueue();
  const first = await queue.add('work', null);
  const second = await queue.add('work', null, { attempts: 2, backoff: { type: 'fixed', delay: 100 } });
  expect(await client.get(first.id)).toMatchObject({
    maxAttempts: 4,
    backoff: { type: 'exponential', baseSeconds: 0.25, jitter: 'none' },
  });
  expect(await client.get(second.id)).toMatchObject({
    maxAttempts: 2,
    backoff: { type: 'fixed', baseSeconds: 0.1, jitter: 'none' },
  });
});

test('agent, workflow and swarm jobs carry their configuration, their id and what was left out', async () => {
  const queue = makeQueue();
  const agent = { name: 'a', instructions: 'b', model: 'c/d', provider: 'c', tools: [] };
  const first = await queue.addAgentJob(agent, 'Hello', { metadata: { userId: 'ada' } });
  const second = await queue.addWorkflowJob(
    { id: 'w', name: 'w', nodes: [], edges: [] },
    { x: 1 },
    { runId: 'r' },
  );
  const third = await queue.addSwarmJob({ topology: 'debate', agents: [agent] }, 'Argue');
  const payloadOf = async (id: string) => (await queue.getJob(id))?.data as AgentJobPayload;
  expect(await payloadOf(first.id)).toEqual({
    type: 'agent',
    jobId: first.id,
    agentConfig: agent,
    input: 'Hello',
    threadId: first.id,
    metadata: { userId: 'ada' },
  });
  expect(await payloadOf(second.id)).toMatchObject({
    type: 'workflow',
    jobId: second.id,
    runId: 'r',
    input: { x: 1 },
  });
  expect(await payloadOf(third.id)).toMatchObject({ type: 'swarm', jobId: third.id, input: 'Argue' });
});

test('retention among the defaults is set once for the queue, and takes an admin key', async () => {
  const defaultJobOptions = { removeOnComplete: 100, removeOnFail: { age: 3_600, count: 500 } };
  const queue = makeQueue({ defaultJobOptions });
  await Promise.all([queue.add('work', null), queue.add('work', null)]);
  const admin = createAdminClient({ url: api.url, apiKey: api.keys.admin });
  expect((await admin.queues.counts(queue.name)).retention).toEqual({
    completed: { count: 100 },
    failed: { count: 500, ageSeconds: 3_600 },
  });
  const { entries } = await admin.audit.list({ target: queue.name });
  expect(entries.map(({ action }) => action)).toEqual(['queues.retain']);

  await queue.setRetention({ removeOnComplete: true });
  await queue.setRetention({ removeOnFail: false });
  expect((await admin.queues.counts(queue.name)).retention).toEqual({
    completed: { count: 0 },
    failed: null,
  });

  const submitter = makeQueue({ apiKey: api.keys.submit, defaultJobOptions });
  await expect(submitter.add('work', null)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    field: 'defaultJobOptions',
  });
});

test('close waits for jobs that are being added, and every one of them is there then', async () => {
  const queue = makeQueue({ defaultJobOptions: { removeOnComplete: 100 } });
  const adding = [queue.add('work', 1), queue.add('work', 2)];
  await queue.close();
  for (const { id } of await Promise.all(adding)) expect(await queue.getJobState(id)).toBe('waiting');

  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const { promise: checked, resolve: check } = Promise.withResolvers<void>();
  const payload = z.string().refine(() => checked.then(() => true));
  const submitting = client.submit(defineJob({ kind: 'checked', payload }), 'slowly');
  const closed = client.close();
  check();
  await closed;
  expect(await client.get((await submitting).id)).toMatchObject({ state: 'available' });
});

test('a closed queue adds nothing, and one that does not know where to connect says so', async () => {
  const queue = makeQueue();
  await queue.add('work', null);
  await queue.close();
  await expect(queue.add('work', null)).rejects.toMatchObject({ code: 'INVALID_STATE' });
  // @ts-expect-error Longshore has no Redis
  expect(() => makeQueue({ redis: { host: 'localhost' } })).toThrow(
    expect.objectContaining({ field: 'redis' }),
  );
  expect(() => makeQueue({ url: '' })).toThrow(expect.objectContaining({ field: 'url' }));
});
