import { useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { callApi, readJob, submitJob } from './testing/call-api.ts';
import { openSocketWorker, type SocketWorker } from './testing/socket-worker.ts';

const api = useApi();
const opened: SocketWorker[] = [];
afterEach(async () => {
  for (const { socket, closed } of opened.splice(0)) {
    socket.close(1000);
    await closed;
  }
});
let kinds = 0;

/** A registered worker for a kind of its own, and a way to give it work. */
const startWorker = async (fields: object = {}, url = api.url) => {
  const kind = `kind-${++kinds}`;
  const worker = await openSocketWorker(url, { workerId: kind, authToken: api.keys.worker });
  opened.push(worker);
  const ack = await worker.register({ kinds: [kind], leaseSeconds: 60, ...fields });
  return {
    ...worker,
    ack,
    kind,
    submit: (payload: unknown = null) => submitJob(api, { kind, payload: payload as never }),
  };
};
const capabilities = (maxConcurrentRequests: number) => ({ models: [], maxConcurrentRequests });

test('a job is pushed with its payload and completed with its result', async () => {
  const worker = await startWorker();
  const id = await worker.submit({ prompt: 'hello' });
  const request = await worker.next('work_request');
  expect(request).toMatchObject({
    requestId: id,
    kind: worker.kind,
    attempt: 1,
    payload: { prompt: 'hello' },
  });
  worker.send({ type: 'work_complete', requestId: id, result: { text: 'hi' } });
  expect(await worker.next('work_ack')).toMatchObject({ requestId: id, state: 'completed' });
  expect(await readJob(api, id)).toMatchObject({ state: 'completed', result: { text: 'hi' } });
});

test('no lease token ever leaves the server', async () => {
  const worker = await startWorker();
  const id = await worker.submit();
  const request = await worker.next('work_request');
  const [job] = await api.database.query('select lease_token from longshore.jobs where id = $1', [id]);
  expect(JSON.stringify(request)).not.toContain(job!.lease_token);
});

test('a worker without kinds is given the work of the protocol', async () => {
  const worker = await openSocketWorker(api.url, { workerId: 'plain', authToken: api.keys.worker });
  opened.push(worker);
  await worker.register();
  const id = await submitJob(api, { requiredCapabilities: ['model:sonnet'] });
  expect(await worker.next('work_request')).toMatchObject({ requestId: id });
});

test('no more is pushed than the worker has room for', async () => {
  const worker = await startWorker({ capabilities: capabilities(2) });
  const ids = await Promise.all([1, 2, 3].map((n) => worker.submit(n)));
  const first = await worker.next('work_request');
  await worker.next('work_request');
  const last = ids.find((id) => !worker.received.some(({ requestId }) => requestId === id))!;
  expect(await readJob(api, last)).toMatchObject({ state: 'available' });
  worker.send({ type: 'work_complete', requestId: first.requestId });
  expect((await worker.next('work_request')).requestId).toBe(last);
});

test('an attempt fails with its error, and a final failure is a dead letter', async () => {
  const worker = await startWorker();
  const id = await worker.submit();
  await worker.next('work_request');
  worker.send({ type: 'work_failed', requestId: id, error: 'out of paper', isRetryable: false });
  expect(await worker.next('work_ack')).toMatchObject({ requestId: id, state: 'failed' });
  expect(await readJob(api, id)).toMatchObject({ state: 'failed', error: { message: 'out of paper' } });
});

test('released work is given out again, snoozed work later', async () => {
  const worker = await startWorker({ capabilities: capabilities(1) });
  const id = await worker.submit();
  await worker.next('work_request');
  worker.send({ type: 'work_release', requestId: id });
  expect(await worker.next('work_ack')).toMatchObject({ state: 'available' });
  expect(await worker.next('work_request')).toMatchObject({ requestId: id, attempt: 1 });
  worker.send({ type: 'work_snooze', requestId: id, delaySeconds: 3_600 });
  expect(await worker.next('work_ack')).toMatchObject({ state: 'scheduled' });
});

test('progress and output are stored in their order before the result', async () => {
  const worker = await startWorker();
  const id = await worker.submit();
  await worker.next('work_request');
  for (const part of [1, 2, 3]) {
    worker.send({ type: 'work_progress', requestId: id, progress: { part } });
    worker.send({ type: 'work_output', requestId: id, stream: 'stdout', text: `line ${part}` });
  }
  worker.send({ type: 'work_complete', requestId: id, result: 1 });
  await worker.next('work_ack');
  const lines = await api.database.query(
    'select line from longshore.job_output where job_id = $1 order by id',
    [id],
  );
  expect(lines.map(({ line }) => line)).toEqual(['line 1', 'line 2', 'line 3']);
});

test('a worker cannot finish what another one works on', async () => {
  const holder = await startWorker();
  const thief = await startWorker();
  const id = await holder.submit();
  await holder.next('work_request');
  thief.send({ type: 'work_complete', requestId: id, result: 'stolen' });
  expect(await thief.next('error')).toMatchObject({
    action: 'work_complete',
    requestId: id,
    error: { code: 'LEASE_LOST' },
  });
  expect(await readJob(api, id)).toMatchObject({ state: 'running' });
});

test('a worker whose job was taken away cannot finish it', async () => {
  const worker = await startWorker({ capabilities: capabilities(1) });
  const id = await worker.submit();
  await worker.next('work_request');
  worker.send({ type: 'drain' });
  await worker.next('drain_ack');
  await api.database.query('update longshore.jobs set lease_token = gen_random_uuid() where id = $1', [id]);
  worker.send({ type: 'work_complete', requestId: id, result: 'late' });
  expect(await worker.next('error')).toMatchObject({ requestId: id, error: { code: 'LEASE_LOST' } });
});

test('a refused field is named as the worker wrote it', async () => {
  const worker = await startWorker();
  const id = await worker.submit();
  await worker.next('work_request');
  worker.send({ type: 'work_complete', requestId: id, outcome: 1 });
  expect(await worker.next('error')).toMatchObject({ error: { code: 'UNKNOWN_OPTION', field: 'outcome' } });
  worker.send({ type: 'work_complete', requestId: id });
  expect(await worker.next('work_ack')).toMatchObject({ state: 'completed' });
});

test('a cancelled job is told to its worker, once, and ends cancelled when the worker stops', async () => {
  const worker = await startWorker();
  const id = await worker.submit();
  await worker.next('work_request');
  await callApi(api.url, api.keys.submit, 'jobs.cancel', { ids: [id], reason: 'no longer needed' });
  for (const timestamp of ['1', '2']) worker.send({ type: 'heartbeat', timestamp });
  expect(await worker.next('work_cancel')).toMatchObject({
    requestId: id,
    cause: 'cancelled',
    reason: 'no longer needed',
  });
  worker.send({ type: 'work_failed', requestId: id, error: 'stopped' });
  expect(await worker.next('work_ack')).toMatchObject({ state: 'cancelled' });
  expect(worker.received.filter(({ type }) => type === 'work_cancel')).toHaveLength(1);
});

test('a worker that drains finishes what it has and is given nothing until it resumes', async () => {
  const worker = await startWorker();
  const held = await worker.submit();
  await worker.next('work_request');
  worker.send({ type: 'drain' });
  expect(await worker.next('drain_ack')).toMatchObject({ heldRequests: [held] });
  const waiting = await worker.submit();
  worker.send({ type: 'work_complete', requestId: held });
  expect(await worker.next('work_ack')).toMatchObject({ state: 'completed' });
  expect(await readJob(api, waiting)).toMatchObject({ state: 'available' });
  worker.send({ type: 'resume' });
  expect((await worker.next('work_request')).requestId).toBe(waiting);
});

test.for(['goodbye', 'close'] as const)('who leaves gives back what it holds, unspent (%s)', async (way) => {
  const worker = await startWorker();
  const id = await worker.submit();
  await worker.next('work_request');
  if (way === 'goodbye') {
    worker.send({ type: 'goodbye' });
    expect(await worker.next('goodbye_ack')).toMatchObject({ released: 1 });
    expect(await worker.closed).toBe('1000 Goodbye');
  } else {
    worker.socket.close(1000, 'Client disconnecting');
    await worker.closed;
  }
  await expect.poll(() => readJob(api, id)).toMatchObject({ state: 'available', attempt: 0 });
});

test('a lost connection keeps its jobs for the lease, and the next one goes on with them', async () => {
  const lost = await startWorker();
  const [kept, finished] = [await lost.submit(), await lost.submit()];
  await lost.next('work_request');
  await lost.next('work_request');
  lost.send({ type: 'work_complete', requestId: finished });
  await lost.next('work_ack');
  lost.socket.terminate();
  await lost.closed;
  expect(await readJob(api, kept)).toMatchObject({ state: 'running' });

  // To another process of the API: nothing of it is in memory.
  const { url } = await api.startSecondApi();
  const back = await openSocketWorker(url, { workerId: lost.kind, authToken: api.keys.worker });
  opened.push(back);
  const fields = { kinds: [lost.kind], sessionId: lost.ack.sessionId, heldRequests: [kept, finished] };
  expect(await back.register(fields)).toMatchObject({
    sessionId: lost.ack.sessionId,
    heldRequests: [kept],
    finishedRequests: [{ requestId: finished, state: 'completed' }],
  });
  back.send({ type: 'work_complete', requestId: kept, result: 'after all' });
  expect(await back.next('work_ack')).toMatchObject({ requestId: kept, state: 'completed' });
});

test('a worker that drains still does when its next connection goes on with the session', async () => {
  const lost = await startWorker();
  lost.send({ type: 'drain' });
  await lost.next('drain_ack');
  lost.socket.terminate();
  await lost.closed;
  const back = await openSocketWorker(api.url, { workerId: lost.kind, authToken: api.keys.worker });
  opened.push(back);
  await back.register({ kinds: [lost.kind], sessionId: lost.ack.sessionId });
  const waiting = await lost.submit();
  back.send({ type: 'heartbeat', timestamp: 'still draining' });
  await back.next('heartbeat_ack');
  const [session] = await api.database.query(
    'select is_draining from longshore.worker_sessions where id = $1',
    [lost.ack.sessionId],
  );
  expect(session).toMatchObject({ is_draining: true });
  expect(await readJob(api, waiting)).toMatchObject({ state: 'available' });
  back.send({ type: 'resume' });
  expect((await back.next('work_request')).requestId).toBe(waiting);
});

test('a session is gone on with by one connection at a time', async () => {
  const old = await startWorker();
  const id = await old.submit();
  await old.next('work_request');
  const young = await openSocketWorker(api.url, { workerId: 'renamed', authToken: api.keys.worker });
  opened.push(young);
  await young.register({ kinds: [old.kind], sessionId: old.ack.sessionId, heldRequests: [id] });
  expect(await old.closed).toBe('4003 Replaced by new connection');
  young.send({ type: 'work_complete', requestId: id });
  expect(await young.next('work_ack')).toMatchObject({ state: 'completed' });
});

test('nobody goes on with the session of another worker', async () => {
  const owner = await startWorker();
  const { keys } = await api.addOrg('stranger');
  const thief = await openSocketWorker(api.url, { workerId: 'thief', authToken: keys.worker });
  opened.push(thief);
  const ack = await thief.register({ sessionId: owner.ack.sessionId });
  expect(ack.sessionId).not.toBe(owner.ack.sessionId);
  owner.send({ type: 'heartbeat', timestamp: 'undisturbed' });
  expect((await owner.next('heartbeat_ack')).timestamp).toBe('undisturbed');
});
