import { startTcpProxy, useDatabase } from '@longshore/test-kit';
import { targetAt } from '@longshore/test-kit/processes';
import { expect, test } from 'vitest';
import { useWorkerServers } from './testing/use-worker-servers.ts';

const database = useDatabase();
const { startServer, openWorker, closeLater } = useWorkerServers(database);

/** The jobs of a request, oldest first. */
const jobsOf = (requestId: string) =>
  database.query<{ state: string; category: string | null }>(
    'select state::text, category from longshore.all_jobs where external_id = $1 order by id',
    [requestId],
  );

test('a request is dispatched, worked on and completed, and its job with it', async () => {
  const server = await startServer();
  server.onWorkerMessage('work_complete', (_worker, _message, request) => request.complete());
  const worker = await openWorker(server);
  await worker.register();
  const message = { type: 'work_request', requestId: 'req-done', prompt: 'hello' };
  const dispatched = server.dispatch({ model: 'sonnet', category: 'inference', message });
  expect(dispatched).toMatchObject({ requestId: 'req-done', worker: { id: 'worker-1', activeRequests: 1 } });
  expect(await worker.next('work_request')).toEqual(message);
  await server.flush();
  expect(await jobsOf('req-done')).toEqual([{ state: 'running', category: 'inference' }]);
  worker.send({ type: 'work_complete', requestId: 'req-done' });
  await expect.poll(() => jobsOf('req-done')).toEqual([{ state: 'completed', category: 'inference' }]);
  expect(server.getWorkerInfo()).toMatchObject([{ activeRequests: 0, completedRequests: 1 }]);
});

test('nothing is dispatched over capacity or to the wrong model', async () => {
  const server = await startServer();
  const worker = await openWorker(server);
  await worker.register({ capabilities: { models: [], maxConcurrentRequests: 1 } });
  const message = (requestId: string) => ({ type: 'work_request', requestId });
  expect(server.dispatch({ model: 'sonnet', message: message('a') })).toBeNull();
  expect(server.dispatch({ message: message('b') })).not.toBeNull();
  expect(server.dispatch({ message: message('c') })).toBeNull();
});

test('a request that is tracked twice is one job, and one that is released ends', async () => {
  const server = await startServer();
  const worker = await openWorker(server);
  await worker.register();
  server.trackRequest('worker-1', 'req-twice');
  server.trackRequest('worker-1', 'req-twice');
  await server.flush();
  expect(await jobsOf('req-twice')).toMatchObject([{ state: 'running' }]);
  server.releaseRequest('req-twice');
  await server.flush();
  expect(await jobsOf('req-twice')).toMatchObject([{ state: 'cancelled' }]);
  server.trackRequest('worker-1', 'req-failed');
  server.dispatch({ message: { type: 'work_request', requestId: 'req-bad' } })!.fail();
  server.releaseRequest('req-failed', { incrementCompleted: true });
  await server.flush();
  expect(await jobsOf('req-bad')).toMatchObject([{ state: 'failed' }]);
  expect(await jobsOf('req-failed')).toMatchObject([{ state: 'completed' }]);
  expect(server.getWaitingRequests()).toEqual([]);
});

test('what a worker had when it left is told, waits, and can be given to another', async () => {
  const server = await startServer();
  const left: string[] = [];
  server.onWorkerDisconnected(({ id }, pending) => left.push(`${id} ${[...pending]}`));
  const gone = await openWorker(server);
  await gone.register();
  const message = { type: 'work_request', requestId: 'req-orphan', prompt: 1 };
  server.dispatch({ category: 'inference', message });
  gone.socket.terminate();
  await expect.poll(() => left).toEqual(['worker-1 req-orphan']);
  const [waiting] = server.getWaitingRequests();
  expect(waiting).toMatchObject({ requestId: 'req-orphan', category: 'inference', message });
  const heir = await openWorker(server, { id: 'heir' });
  await heir.register();
  server.dispatch({ message, category: 'inference' })!.complete();
  await server.flush();
  expect(await jobsOf('req-orphan')).toMatchObject([{ state: 'completed' }]);
});

test.for(['stopped', 'killed'] as const)(
  'a server that is started anew has lost no request (%s)',
  async (how) => {
    const org = `restarted-${how}`;
    const line = await startTcpProxy({ pickTarget: () => targetAt(database.apiUrl) });
    closeLater(() => line.close());
    const first = await startServer({ org, databaseUrl: line.through(database.apiUrl) });
    const worker = await openWorker(first);
    await worker.register();
    const message = { type: 'work_request', requestId: `req-${how}`, prompt: how };
    first.dispatch({ model: 'sonnet', message });
    first.trackRequest('worker-1', `over-${how}`);
    first.releaseRequest(`over-${how}`, { incrementCompleted: true });
    await first.flush();
    // Who is killed says goodbye to nobody: the next one finds its sessions open.
    if (how === 'killed') line.cut();
    await first.stop();
    expect(await worker.closed).toBe('1001 Server shutting down');
    const second = await startServer({ org });
    expect(second.getWaitingRequests()).toMatchObject([
      { requestId: `req-${how}`, model: 'sonnet', message },
    ]);
    const back = await openWorker(second);
    await back.register();
    second.dispatch({ model: 'sonnet', message })!.complete();
    await second.flush();
    expect(await jobsOf(`req-${how}`)).toMatchObject([{ state: 'completed' }]);
  },
);

test('while the database is away requests are tracked and finished, and written when it is back', async () => {
  const line = await startTcpProxy({ pickTarget: () => targetAt(database.apiUrl) });
  closeLater(() => line.close());
  const errors: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) };
  const server = await startServer({ databaseUrl: line.through(database.apiUrl), logger });
  const worker = await openWorker(server);
  await worker.register();
  const restore = line.cut();
  server.dispatch({ message: { type: 'work_request', requestId: 'req-away' } })!.complete();
  await worker.next('work_request');
  expect(server.getWorkerInfo()).toMatchObject([{ completedRequests: 1 }]);
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  restore();
  await server.flush();
  expect(await jobsOf('req-away')).toMatchObject([{ state: 'completed' }]);
});

test('what the database cannot keep is said in the log, and harms no other request', async () => {
  const errors: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (...said: unknown[]) => void errors.push(said) };
  const server = await startServer({ logger });
  const worker = await openWorker(server);
  await worker.register();
  server.trackRequest('worker-1', `nul ${String.fromCharCode(0)}`);
  server.trackRequest('worker-1', 'req-beside');
  await server.flush();
  expect(errors).toEqual([['a request cannot be kept', { field: 'requestId' }]]);
  expect(await jobsOf('req-beside')).toMatchObject([{ state: 'running' }]);
});
