import { createClient, FatalError } from '@longshore/sdk';
import { QueueClient } from '@longshore/sdk/queue-client';
import { WorkerPool, type WorkerPoolConfig, type WorkerPoolEvents } from '@longshore/sdk/worker-pool';
import { eventually, gate, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';

const api = useApi();
const pools: WorkerPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.forceStop())));

const makePool = (config: Partial<WorkerPoolConfig>, events?: WorkerPoolEvents): WorkerPool => {
  const connection = { url: api.url, apiKey: api.keys.worker, abortGrace: 0 };
  const pool = new WorkerPool({ processors: { work: () => null }, ...connection, ...config }, events);
  pools.push(pool);
  return pool;
};
let queues = 0;
const makeQueue = (): QueueClient =>
  new QueueClient({ url: api.url, apiKey: api.keys.submit, name: `pool-${queues++}` });
const openSessions = async (name: string): Promise<number> => {
  const [row] = await api.database.query<{ count: number }>(
    'select count(*)::int from longshore.worker_sessions where ended_at is null and $1 = any (queues)',
    [name],
  );
  return row!.count;
};

test('a pool runs workerCount times concurrency jobs at a time, and starts once', async () => {
  const queue = makeQueue();
  const [full, finish] = [gate(), gate()];
  let running = 0;
  let mostAtOnce = 0;
  const work = async () => {
    mostAtOnce = Math.max(mostAtOnce, ++running);
    if (running === 4) full.open();
    await finish.opened;
    running--;
  };
  const pool = makePool({ name: queue.name, workerCount: 2, concurrency: 2, processors: { work } });
  expect({ isRunning: pool.isPoolRunning(), count: pool.getWorkerCount() }).toEqual({
    isRunning: false,
    count: 0,
  });
  await Promise.all([pool.start(), pool.start()]);
  await pool.start();
  expect({ isRunning: pool.isPoolRunning(), count: pool.getWorkerCount() }).toEqual({
    isRunning: true,
    count: 2,
  });
  expect(await openSessions(queue.name)).toBe(2);

  for (let job = 0; job < 6; job++) await queue.add('work', { job });
  await full.opened;
  expect(await pool.getMetrics(await queue.getMetrics())).toMatchObject({ active: 4, workerCount: 2 });
  finish.open();
  await eventually(async () => (await queue.getMetrics()).completed === 6);
  expect(mostAtOnce).toBe(4);

  await pool.stop();
  expect({ isRunning: pool.isPoolRunning(), count: pool.getWorkerCount() }).toEqual({
    isRunning: false,
    count: 0,
  });
  expect(await openSessions(queue.name)).toBe(0);
});

test('each attempt is told as started, a result once, and a failure once: the last', async () => {
  const queue = makeQueue();
  const told: unknown[] = [];
  const failed = gate<Error>();
  const pool = makePool(
    {
      name: queue.name,
      processors: {
        good: ({ name }: { name: string }) => ({ greeting: `Hello, ${name}` }),
        bad: (_payload, { attempt }) => {
          throw new RangeError(`attempt ${attempt}`);
        },
      },
    },
    {
      onJobStarted: (id, type) => told.push(['started', id, type]),
      onJobCompleted: (id, result) => told.push(['completed', id, result]),
      onJobFailed: (id, error) => {
        told.push(['failed', id, error.message]);
        failed.open(error);
      },
    },
  );
  await pool.start();
  const good = await queue.add('good', { name: 'Ada' });
  await eventually(() => told.length === 2);
  const bad = await queue.add('bad', null, { attempts: 3, backoff: { type: 'fixed', delay: 0 } });

  const error = await failed.opened;
  expect(told).toEqual([
    ['started', good.id, 'good'],
    ['completed', good.id, { greeting: 'Hello, Ada' }],
    ['started', bad.id, 'bad'],
    ['started', bad.id, 'bad'],
    ['started', bad.id, 'bad'],
    ['failed', bad.id, 'attempt 3'],
  ]);
  expect(error.name).toBe('RangeError');
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(await queue.getJobState(bad.id)).toBe('failed');
});

test('a fatal error fails a job at its first attempt, and a cancelled job fails for nobody', async () => {
  const queue = makeQueue();
  const failures: string[] = [];
  const running = gate();
  const pool = makePool(
    {
      name: queue.name,
      lockDuration: 8_000,
      processors: {
        hopeless: () => {
          throw new FatalError('never');
        },
        endless: (_payload, { signal }) => {
          running.open();
          return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
        },
      },
    },
    { onJobFailed: (id) => failures.push(id) },
  );
  await pool.start();
  const endless = await queue.add('endless', null);
  await running.opened;
  await createClient({ url: api.url, apiKey: api.keys.submit }).cancel(endless.id);
  await eventually(async () => (await queue.getJob(endless.id))?.failedReason === 'cancelled');
  const hopeless = await queue.add('hopeless', null);
  await eventually(() => failures.length === 1);
  expect(failures).toEqual([hopeless.id]);
});

test('a stop that runs out of time gives the job back unspent, and closes every worker all the same', async () => {
  const queue = makeQueue();
  const running = gate();
  const pool = makePool({
    name: queue.name,
    workerCount: 2,
    processors: {
      stuck: () => {
        running.open();
        return new Promise(() => {});
      },
    },
  });
  await pool.start();
  const { id } = await queue.add('stuck', null);
  await running.opened;
  await pool.stop(1);
  expect(await queue.getJob(id)).toMatchObject({ state: 'waiting', attemptsMade: 0 });
  expect(await openSessions(queue.name)).toBe(0);
});

test('forceStop ends a stop that waits, and a pool that was stopped starts anew', async () => {
  const queue = makeQueue();
  const running = gate();
  const pool = makePool({
    name: queue.name,
    processors: {
      stuck: () => {
        running.open();
        return new Promise(() => {});
      },
      work: () => 'done',
    },
  });
  await pool.start();
  const { id } = await queue.add('stuck', null);
  await running.opened;
  const stopped = pool.stop(600_000);
  await pool.forceStop();
  await stopped;
  expect(await queue.getJobState(id)).toBe('waiting');
  await createClient({ url: api.url, apiKey: api.keys.submit }).cancel(id);

  const next = await queue.add('work', null);
  await pool.start();
  await eventually(async () => (await queue.getJobState(next.id)) === 'completed');
});

test('a pool that waits for its server can be stopped, and one that stops can be started', async () => {
  const away = makePool({ url: 'http://127.0.0.1:9', workerCount: 2 });
  const waiting = away.start();
  await away.stop();
  await waiting;
  expect(away.isPoolRunning()).toBe(false);

  const again = away.start();
  const forced = away.forceStop();
  expect(away.isPoolRunning()).toBe(false);
  await Promise.all([again, forced]);

  const queue = makeQueue();
  const pool = makePool({ name: queue.name });
  await pool.start();
  await Promise.all([pool.stop(), pool.start()]);
  const { id } = await queue.add('work', null);
  await eventually(async () => (await queue.getJobState(id)) === 'completed');
});

test('what cannot work is refused: redis, a lease too short, a key that is none', async () => {
  const redis = { host: 'localhost', port: 6379 };
  // @ts-expect-error Longshore has no Redis
  expect(() => makePool({ redis })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', field: 'redis' }),
  );
  expect(() => makePool({ workerCount: 0 })).toThrow(expect.objectContaining({ field: 'workerCount' }));
  await expect(makePool({ lockDuration: 1 }).start()).rejects.toMatchObject({ field: 'leaseSeconds' });
  const locked = makePool({ apiKey: 'wrong', workerCount: 2 });
  await expect(locked.start()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect({ isRunning: locked.isPoolRunning(), count: locked.getWorkerCount() }).toEqual({
    isRunning: false,
    count: 0,
  });
});

test('a server that goes away is told of, and harms no job', async () => {
  const queue = makeQueue();
  const errors: Error[] = [];
  const pool = makePool({ name: queue.name }, { onWorkerError: (error) => errors.push(error) });
  await pool.start();
  await api.restart();
  await eventually(() => errors.length > 0);
  const { id } = await queue.add('work', null);
  await eventually(async () => (await queue.getJobState(id)) === 'completed', { timeoutMs: 30_000 });
});
