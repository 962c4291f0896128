import { uuidV7 } from '@longshore/contract';
import { useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { callApi, readJob, submitJob } from './testing/call-api.ts';
import { openSocketWorker, type SocketWorker } from './testing/socket-worker.ts';

const told: unknown[] = [];
const api = useApi({
  start: {
    onWorkerMessage: {
      status_update: (_worker, body) => void told.push(body),
      'cache.miss': async (_worker, body) => ({ found: body }),
    },
  },
});
const opened: SocketWorker[] = [];
afterEach(async () => {
  for (const { socket, closed } of opened.splice(0)) {
    socket.close(1000);
    await closed;
  }
});
const startWorker = async (workerId: string, fields: object = {}, url = api.url) => {
  const worker = await openSocketWorker(url, { workerId, authToken: api.keys.worker });
  opened.push(worker);
  const ack = await worker.register({ kinds: [workerId], leaseSeconds: 60, ...fields });
  return { ...worker, ack };
};
const sendTo = (sessionId: string, type: string, body?: unknown) =>
  callApi<{ messages: { id: string }[] }>(api.url, api.keys.admin, 'workers.send', {
    to: { sessionId },
    type,
    ...(body !== undefined && { body }),
  });
const stateOf = async (id: string) => {
  const rows = await api.database.query(
    'select acknowledged_at is not null as is_done, reply from longshore.worker_messages where id = $1',
    [id],
  );
  return rows[0];
};

test('a message is pushed without a heartbeat of the worker, and its reply comes back', async () => {
  const worker = await startWorker('listener');
  const { messages } = await sendTo(worker.ack.sessionId, 'maintenance_start', { minutes: 5 });
  expect(await worker.next('maintenance_start')).toEqual({
    type: 'maintenance_start',
    minutes: 5,
    messageId: messages[0]!.id,
  });
  worker.send({ type: 'message_ack', messageId: messages[0]!.id, reply: { ready: true } });
  await expect.poll(() => stateOf(messages[0]!.id)).toEqual({ is_done: true, reply: { ready: true } });
});

test('a message that was not acknowledged comes again on the next connection', async () => {
  const lost = await startWorker('forgetful');
  const { messages } = await sendTo(lost.ack.sessionId, 'reload');
  await lost.next('reload');
  lost.socket.terminate();
  const back = await startWorker('forgetful', { sessionId: lost.ack.sessionId });
  expect(await back.next('reload')).toMatchObject({ messageId: messages[0]!.id });
});

test('no message passes for one of the protocol', async () => {
  const worker = await startWorker('careful');
  await sendTo(worker.ack.sessionId, 'work_request', { requestId: 'forged' });
  await sendTo(worker.ack.sessionId, 'afterwards');
  await worker.next('afterwards');
  expect(worker.received.some(({ type }) => type === 'work_request')).toBe(false);
});

test('drain, resume and setConcurrency hold on the server, whatever the worker makes of them', async () => {
  const capabilities = { models: [], maxConcurrentRequests: 1 };
  const worker = await startWorker('told', { capabilities });
  await sendTo(worker.ack.sessionId, 'drain');
  const { messageId } = await worker.next('drain');
  await expect.poll(() => stateOf(messageId)).toMatchObject({ is_done: true });
  const ids = [await submitJob(api, { kind: 'told' }), await submitJob(api, { kind: 'told' })];
  worker.send({ type: 'heartbeat', timestamp: 'now' });
  await worker.next('heartbeat_ack');
  expect(await readJob(api, ids[0]!)).toMatchObject({ state: 'available' });
  await sendTo(worker.ack.sessionId, 'resume');
  expect(ids).toContain((await worker.next('work_request')).requestId);
  await sendTo(worker.ack.sessionId, 'setConcurrency', { concurrency: 2 });
  expect(ids).toContain((await worker.next('work_request')).requestId);
});

test('a cancel of a running job reaches its worker without a heartbeat', async () => {
  const worker = await startWorker('runner', { leaseSeconds: 600 });
  const id = await submitJob(api, { kind: 'runner' });
  await worker.next('work_request');
  const { url } = await api.startSecondApi();
  await callApi(url, api.keys.submit, 'jobs.cancel', { ids: [id] });
  expect(await worker.next('work_cancel')).toMatchObject({ requestId: id, cause: 'cancelled' });
});

test('what a worker says reaches the handler of its type', async () => {
  const worker = await startWorker('talker');
  worker.send({ type: 'status_update', progress: 7 });
  const messageId = uuidV7();
  worker.send({ type: 'cache.miss', messageId, key: 'k' });
  expect(await worker.next('message_reply')).toMatchObject({
    messageId,
    isHandled: true,
    reply: { found: { key: 'k' } },
  });
  await expect.poll(() => told).toEqual([{ progress: 7 }]);
});

test('what nobody takes is ignored, and kept when the worker asks for an answer', async () => {
  const worker = await startWorker('loner');
  worker.send({ type: 'never_heard_of' });
  const messageId = uuidV7();
  worker.send({ type: 'never_heard_of', messageId });
  expect(await worker.next('message_reply')).toMatchObject({ messageId, isHandled: false });
  const [{ count }] = (await api.database.query(
    `select count(*)::int from longshore.worker_messages where type = 'never_heard_of'`,
  )) as [{ count: number }];
  expect(count).toBe(1);
});
