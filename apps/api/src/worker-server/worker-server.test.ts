import { once } from 'node:events';
import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { useWorkerServers } from './testing/use-worker-servers.ts';
import { WorkerServer } from './worker-server.ts';

const database = useDatabase();
const { startServer, openWorker, closeLater } = useWorkerServers(database);

test('a worker registers, is told how often to beat, and is announced', async () => {
  const server = await startServer();
  const connected: string[] = [];
  const stop = server.onWorkerConnected(({ id, name }) => connected.push(`${id} ${name}`));
  const worker = await openWorker(server);
  expect(await worker.register()).toMatchObject({ success: true, heartbeatIntervalMs: 15_000 });
  expect(connected).toEqual(['worker-1 Worker One']);
  expect(server.getWorkerInfo()).toMatchObject([{ id: 'worker-1', status: 'available', activeRequests: 0 }]);
  stop();
  const other = await openWorker(server, { id: 'worker-2' });
  await other.register();
  expect(connected).toHaveLength(1);
  expect(server.getWorkerCount()).toBe(2);
});

test('a heartbeat is answered with its own timestamp and the next deadline, and only for its own worker', async () => {
  const server = await startServer();
  const worker = await openWorker(server);
  await worker.register();
  worker.send({ type: 'heartbeat', workerId: 'worker-2', timestamp: 'not mine' });
  worker.send({ type: 'heartbeat', workerId: 'worker-1', timestamp: '2026-01-01T00:00:00.000Z' });
  expect(await worker.next('heartbeat_ack')).toMatchObject({ timestamp: '2026-01-01T00:00:00.000Z' });
});

test.for([undefined, 'wrong'])(
  'with a token, who brings another is refused and closed (%s)',
  async (authToken) => {
    const server = await startServer({ authToken: 'secret' });
    const worker = await openWorker(server, { ...(authToken !== undefined && { authToken }) });
    expect(await worker.register()).toMatchObject({ success: false, error: 'Invalid authentication token' });
    expect(await worker.closed).toBe('4001 Authentication failed');
  },
);

test('the token may come in the registration or with the upgrade', async () => {
  const server = await startServer({ authToken: 'secret' });
  expect(await (await openWorker(server, { authToken: 'secret' })).register()).toMatchObject({
    success: true,
  });
  const other = await openWorker(server, { id: 'two', headers: { authorization: 'Bearer secret' } });
  expect(await other.register()).toMatchObject({ success: true });
});

test('with a token for each worker, nobody registers as another', async () => {
  const tokens = new Map([
    ['worker-1', 'one'],
    ['worker-2', 'two'],
  ]);
  const server = await startServer({ authenticate: (id, token) => tokens.get(id) === token });
  const owner = await openWorker(server, { id: 'worker-1', authToken: 'one' });
  await owner.register();
  const thief = await openWorker(server, { id: 'worker-1', authToken: 'two' });
  expect(await thief.register()).toMatchObject({ success: false });
  expect(owner.socket.readyState).toBe(WebSocket.OPEN);
});

test('nothing that a socket sends before it has registered reaches a handler, and null harms nobody', async () => {
  const server = await startServer({ authToken: 'secret' });
  const heard: unknown[] = [];
  server.onWorkerMessage('work_complete', (_worker, message) => void heard.push(message));
  const stranger = await openWorker(server);
  for (const frame of ['null', '[]', '{', '{"type":"worker_registration"']) stranger.socket.send(frame);
  stranger.send({ type: 'work_complete', requestId: 'req-1' });
  expect(await stranger.closed).toBe('4004 Not registered');
  const careless = await openWorker(server);
  careless.send({ type: 'worker_registration', workerId: 'x', workerName: 'x', authToken: 'secret' });
  expect(await careless.next('worker_registration_ack')).toMatchObject({ success: false });
  expect(await careless.closed).toBe('4005 Registration refused');
  expect(heard).toEqual([]);
});

test('a worker cannot finish what another one works on', async () => {
  const server = await startServer();
  const heard: string[] = [];
  server.onWorkerMessage('work_complete', (worker, { requestId }, request) => {
    heard.push(`${worker.id} ${requestId}`);
    request.complete();
  });
  const [owner, thief] = [await openWorker(server), await openWorker(server, { id: 'thief' })];
  await owner.register();
  await thief.register();
  server.trackRequest('worker-1', 'req-1');
  thief.send({ type: 'work_complete', requestId: 'req-1' });
  thief.send({ type: 'heartbeat', workerId: 'thief', timestamp: 'after' });
  await thief.next('heartbeat_ack');
  owner.send({ type: 'work_complete', requestId: 'req-1' });
  await expect.poll(() => heard).toEqual(['worker-1 req-1']);
});

test('a worker that registers again replaces itself and keeps its count', async () => {
  const server = await startServer();
  const old = await openWorker(server);
  await old.register();
  server.trackRequest('worker-1', 'req-counted');
  server.releaseRequest('req-counted', { incrementCompleted: true });
  const young = await openWorker(server);
  await young.register();
  expect(await old.closed).toBe('4003 Replaced by new connection');
  expect(server.getWorkerInfo()).toMatchObject([{ id: 'worker-1', completedRequests: 1 }]);
});

test('a worker that is silent is unhealthy, then closed', async () => {
  const server = await startServer({ heartbeatTimeoutMs: 1_000, healthCheckIntervalMs: 100 });
  const worker = await openWorker(server);
  await worker.register();
  await expect.poll(() => server.getWorkerInfo()[0]?.status).toBe('unhealthy');
  expect(await worker.closed).toBe('4003 Heartbeat timeout');
  expect(server.getWorkerCount()).toBe(0);
});

test('the workers are sessions of the org, for whoever looks there', async () => {
  const server = await startServer();
  const worker = await openWorker(server);
  const { sessionId } = await worker.register();
  const sessions = () =>
    database.query('select host, ended_at is null as is_open from longshore.worker_sessions where id = $1', [
      sessionId,
    ]);
  expect(await sessions()).toEqual([{ host: 'Worker One (worker-1)', is_open: true }]);
  worker.socket.close(1000);
  await expect.poll(sessions).toMatchObject([{ is_open: false }]);
});

test('messages go both ways by their type, and a handler that throws stops nobody', async () => {
  const server = await startServer();
  const heard: unknown[] = [];
  server.onWorkerMessage('status_update', () => {
    throw new Error('bad day');
  });
  const stop = server.onWorkerMessage(
    'status_update',
    (worker, message) => void heard.push([worker.id, message.load]),
  );
  const worker = await openWorker(server);
  await worker.register();
  expect(server.send('worker-1', { type: 'stop', reason: 'shutdown' })).toBe(true);
  expect(await worker.next('stop')).toEqual({ type: 'stop', reason: 'shutdown' });
  server.broadcast({ type: 'maintenance_start' });
  await worker.next('maintenance_start');
  expect(server.send('nobody', { type: 'stop' })).toBe(false);
  worker.send({ type: 'status_update', load: 0.5 });
  await expect.poll(() => heard).toEqual([['worker-1', 0.5]]);
  stop();
  worker.send({ type: 'status_update', load: 1 });
  worker.send({ type: 'heartbeat', workerId: 'worker-1', timestamp: 'after' });
  await worker.next('heartbeat_ack');
  expect(heard).toHaveLength(1);
});

test('HTTP handlers are asked in order, and what nobody answers is not found', async () => {
  const server = await startServer();
  server.addHttpHandler(async (request, response) => {
    if (request.url !== '/health') return false;
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
    return true;
  });
  server.addHttpHandler((request) => {
    if (request.url === '/broken') throw new Error('broken');
    return false;
  });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [answer.status, await answer.json()];
  };
  expect(await ask('/health')).toEqual([200, { status: 'ok' }]);
  expect(await ask('/elsewhere')).toEqual([404, { error: 'Not found' }]);
  expect(await ask('/broken')).toEqual([500, { error: 'Internal error' }]);
});

test('a WebSocket endpoint has its path to itself', async () => {
  const server = await startServer();
  server.addWebSocketEndpoint('/ws/admin', (socket) =>
    socket.on('message', (data) => socket.send(`heard ${data}`)),
  );
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/admin?from=test`);
  closeLater(() => socket.terminate());
  await once(socket, 'open');
  socket.send('hello');
  const [answer] = await once(socket, 'message');
  expect(String(answer)).toBe('heard hello');
  expect(server.getWorkerCount()).toBe(0);
});

test('a server runs once at a time, and again after it has stopped', async () => {
  const server = await startServer();
  await expect(server.start()).rejects.toThrow('WorkerServer is already running');
  await server.stop();
  await server.stop();
  await server.start();
  expect(server.port).toBeGreaterThan(0);
});

test('a database role that no wall binds is refused', async () => {
  const server = new WorkerServer({ port: 0, databaseUrl: database.url });
  await expect(server.start()).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
});
