import { createClient, defineJob } from '@longshore/sdk';
import { type AnyJob, isCompleteJob, isFailedJob, type RunningJob } from '@longshore/sdk/job-worker';
import { eventually, gate, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { newJob, queue, untilStatus, useWorkers } from './test-worker.ts';

const api = useApi();
const makeWorker = useWorkers(api);

test('what executeJob returns is the result, and the completion hook hears of it before the job is complete', async () => {
  const { kind, id, job } = newJob({ title: 'Ships' }, 2);
  const seen: AnyJob[] = [];
  const hooked: unknown[] = [];
  const worker = makeWorker(
    {
      canProcess: (waiting) => seen.push(waiting) > 0,
      execute: (running) => {
        seen.push(running);
        return { length: 5 };
      },
      onCompletion: (running, result) => hooked.push([running.metadata.id, result]),
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  const started = worker.start();

  const complete = await untilStatus(id, 'complete');
  expect(seen).toMatchObject([
    { status: 'pending', metadata: { id, type: kind, userId: 'ada', retryCount: 0, maxRetries: 2 } },
    { status: 'running', params: { title: 'Ships' }, progress: {} },
  ]);
  expect(hooked).toEqual([[id, { length: 5 }]]);
  expect(isCompleteJob(complete) && complete.result).toEqual({ length: 5 });
  await worker.stop();
  await started;
});

test('maxRetries n allows n + 1 tries, each told how many failed before, and the last leaves a failed job', async () => {
  const { kind, id } = newJob();
  const retryCounts: number[] = [];
  const worker = makeWorker(
    {
      execute: ({ metadata }) => {
        retryCounts.push(metadata.retryCount);
        throw new Error('no luck');
      },
    },
    { kinds: [kind] },
  );
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const backoff = { type: 'fixed', baseSeconds: 0 } as const;
  await client.submit(defineJob({ kind, payload: z.null() }), null, { id, maxAttempts: 4, backoff });
  void worker.start();

  const failed = await untilStatus(id, 'failed');
  expect(retryCounts).toEqual([0, 1, 2, 3]);
  expect(isFailedJob(failed) && failed).toMatchObject({
    error: 'no luck',
    startedAt: expect.any(String),
    metadata: { retryCount: 3, maxRetries: 3 },
  });
});

test('createJob stores maxRetries as one try more', async () => {
  const { id, job } = newJob({}, 3);
  await queue().createJob(job);
  expect(await queue().getJob(id)).toMatchObject({ status: 'pending', metadata: { maxRetries: 3 } });
  expect(await createClient({ url: api.url, apiKey: api.keys.submit }).get(id)).toMatchObject({
    maxAttempts: 4,
    metadata: { userId: 'ada' },
  });
});

test('a job that a worker cannot process goes unspent to one that can', async () => {
  const { kind, id, job } = newJob();
  const refused = gate();
  const picky = makeWorker(
    {
      canProcess: () => {
        refused.open();
        return false;
      },
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  void picky.start();
  await refused.opened;
  const retryCounts: number[] = [];
  const able = makeWorker(
    { execute: ({ metadata }) => void retryCounts.push(metadata.retryCount) },
    { kinds: [kind] },
  );
  void able.start();

  await untilStatus(id, 'complete');
  expect(retryCounts).toEqual([0]);
});

test('a worker alone with a job that it cannot process asks for it more and more seldom', async () => {
  const { kind, job } = newJob();
  const refusedAtMs: number[] = [];
  const worker = makeWorker(
    {
      pollIntervalMs: 60_000,
      canProcess: () => {
        refusedAtMs.push(performance.now());
        return false;
      },
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  void worker.start();
  await eventually(() => refusedAtMs.length >= 6);
  // Rests of 10, 20, 40, ... ms; a timer may be a millisecond early, and is never more.
  const restsMs = refusedAtMs.slice(1, 6).map((at, index) => at - refusedAtMs[index]!);
  restsMs.forEach((restMs, index) => {
    expect(restMs).toBeGreaterThanOrEqual(10 * 2 ** index - 1);
  });
});

test('after a job that failed the worker rests for its error backoff', async () => {
  const errorBackoffMs = 200;
  const { kind, job } = newJob();
  const { job: second, id } = newJob();
  const startsAtMs: number[] = [];
  const worker = makeWorker(
    {
      errorBackoffMs,
      execute: () => {
        if (startsAtMs.push(performance.now()) === 1) throw new Error('first');
      },
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  await queue().createJob({ ...second, metadata: { ...second.metadata, type: kind } });
  void worker.start();
  await untilStatus(id, 'complete');
  expect(startsAtMs[1]! - startsAtMs[0]!).toBeGreaterThanOrEqual(errorBackoffMs - 1);
});

test('progress in a copy of the job is stored with it; after its end it reaches nobody', async () => {
  const { kind, id, job } = newJob();
  const seen = gate();
  let copy: RunningJob | undefined;
  const worker = makeWorker(
    {
      execute: async (running, self) => {
        copy = { ...running, progress: { stage: 'fetching', percentage: 25 } };
        await queue().updateJob(copy);
        await untilProgress(id, { stage: 'fetching', percentage: 25 });
        await self.report({ ...running, progress: { stage: 'done' } });
        await untilProgress(id, { stage: 'done' });
        seen.open();
      },
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  void worker.start();
  await seen.opened;
  const complete = await untilStatus(id, 'complete');
  await expect(queue().updateJob(copy!)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  await expect(queue().updateJob(complete, 'running')).rejects.toMatchObject({ code: 'INVALID_STATE' });
  expect((await queue().getJob(id))?.status).toBe('complete');
});

test.each(['given back', 'cancelled', 'taken away'])(
  'a run that goes on after its job was %s reports progress to nobody, and is told so',
  async (fate) => {
    const { kind, id, job } = newJob();
    const [running, goOn, refused] = [gate(), gate(), gate()];
    const execute = async (own: RunningJob) => {
      running.open();
      await goOn.opened;
      await eventually(async () => (await refusalOf(queue().updateJob(own))) === 'LEASE_LOST');
      refused.open();
    };
    const worker = makeWorker({ execute }, { kinds: [kind], leaseSeconds: 8 });
    await queue().createJob(job);
    void worker.start();
    await running.opened;
    if (fate === 'given back') await worker.stop({ timeoutSeconds: 0 });
    if (fate === 'cancelled') await queue().cancelJob(id);
    if (fate === 'taken away')
      await api.database.query('update longshore.jobs set lease_token = gen_random_uuid() where id = $1', [
        id,
      ]);
    goOn.open();
    await refused.opened;
  },
);

const refusalOf = (update: Promise<void>): Promise<unknown> =>
  update.then(
    () => undefined,
    (error) => error.code,
  );

test('a job that is cancelled while it runs is told so, and stays cancelled', async () => {
  const { kind, id, job } = newJob();
  const running = gate();
  const worker = makeWorker(
    {
      execute: async (_job, _self, signal) => {
        running.open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw signal.reason;
      },
    },
    { kinds: [kind], leaseSeconds: 8 },
  );
  await queue().createJob(job);
  void worker.start();
  await running.opened;
  expect(await queue().cancelJob(id)).toBe(true);
  await untilStatus(id, 'cancelled');
  expect(
    await queue()
      .cancelJob(newJob().id)
      .catch((error) => error.code),
  ).toBe('NOT_FOUND');
});

const untilProgress = (id: string, progress: unknown): Promise<boolean> =>
  eventually(async () => {
    const job = await queue().getJob(id);
    return job?.status === 'running' && JSON.stringify(job.progress) === JSON.stringify(progress);
  });
