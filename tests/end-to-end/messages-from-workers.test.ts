import type { WorkerMessageHandlers } from '@longshore/api';
import {
  createAdminClient,
  createApiClient,
  createClient,
  createWorker,
  defineJob,
  type JobHandler,
  LongshoreError,
  type Worker,
} from '@longshore/sdk';
import { gate, useApi } from '@longshore/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const calls: unknown[] = [];
const onWorkerMessage: WorkerMessageHandlers = {
  'stock.ask': (worker, body) => {
    calls.push({ ...worker, body });
    return { left: 3 };
  },
  'stock.refuse': () => {
    throw new LongshoreError('NOT_FOUND', 'nothing of that');
  },
};
const api = useApi({ start: { onWorkerMessage } });
const work = defineJob({ kind: 'work', payload: z.null() });
let worker: Worker;

beforeEach(() => void calls.splice(0));
afterEach(() => worker?.forceStop());

const startWorker = async (handler: JobHandler = work.handler(() => null)): Promise<string> => {
  const opened = gate<string>();
  worker = createWorker({ url: api.url, apiKey: api.keys.worker, leaseSeconds: 60, handlers: [handler] });
  worker.on('sessionOpened', ({ sessionId }) => opened.open(sessionId));
  await worker.start();
  return opened.opened;
};

test('messages from workers go to the handler of their type, from a job and from the worker itself, and its reply comes back', async () => {
  const answer = gate<unknown>();
  const sessionId = await startWorker(
    work.handler(async (_, ctx) => answer.open(await ctx.send('stock.ask', { item: 'rope' })) ?? null),
  );
  await createClient({ url: api.url, apiKey: api.keys.submit }).submit(work, null);
  expect(await answer.opened).toEqual({ left: 3 });
  expect(await worker.send('stock.ask')).toEqual({ left: 3 });
  expect(calls).toEqual([
    expect.objectContaining({ sessionId, orgId: api.orgId, body: { item: 'rope' } }),
    expect.objectContaining({ sessionId, body: null }),
  ]);
  await expect(worker.send('stock.refuse')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'nothing of that',
  });
});

test('messages from workers that come twice are handled once and answered alike, and no other session may take their id', async () => {
  const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
  const { sessionId } = await raw.openSession({ kinds: ['work'] });
  const { sessionId: otherId } = await raw.openSession({ kinds: ['work'] });
  const told = { messageId: crypto.randomUUID(), type: 'stock.ask', body: 1 };

  const answers = await Promise.all([raw.send({ sessionId, ...told }), raw.send({ sessionId, ...told })]);
  expect([...answers, await raw.send({ sessionId, ...told })]).toEqual(
    Array(3).fill({ isHandled: true, reply: { left: 3 } }),
  );
  expect(calls).toHaveLength(1);
  await expect(raw.send({ sessionId: otherId, ...told })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('messages from workers that nobody handles are kept for the admin to read', async () => {
  const sessionId = await startWorker();
  expect(await worker.send('odd.news', { size: 2 })).toBeNull();
  await worker.send('odd.news', { size: 3 });

  const admin = createAdminClient({ url: api.url, apiKey: api.keys.admin });
  const page = await admin.workers.inbox({ type: 'odd.news', limit: 1 });
  const rest = await admin.workers.inbox({ type: 'odd.news', cursor: page.nextCursor! });
  expect([...page.messages, ...rest.messages]).toMatchObject([
    { sessionId, body: { size: 3 }, state: 'waiting' },
    { sessionId, body: { size: 2 }, state: 'waiting' },
  ]);
});
