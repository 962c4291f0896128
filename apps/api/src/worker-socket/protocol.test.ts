import { once } from 'node:events';
import { request as sendHttp } from 'node:http';
import { useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { openSocketWorker } from './testing/socket-worker.ts';

const api = useApi();
const opened: { socket: { terminate(): void } }[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.terminate();
});
const open = async (options: Parameters<typeof openSocketWorker>[1] = { authToken: api.keys.worker }) => {
  const worker = await openSocketWorker(api.url, options);
  opened.push(worker);
  return worker;
};

test('a registration is acknowledged with a session and how often to beat', async () => {
  const worker = await open();
  const ack = await worker.register();
  expect(ack).toMatchObject({ success: true, heartbeatIntervalMs: 5_000 });
  expect(ack.sessionId).toMatch(/^[0-9a-f-]{36}$/);
});

test('the key may come with the upgrade instead', async () => {
  const worker = await open({ headers: { authorization: `Bearer ${api.keys.worker}` } });
  expect(await worker.register()).toMatchObject({ success: true });
});

test.for(['nonsense', undefined, 'submit'] as const)(
  'without a worker key the registration is refused and the socket closed (%s)',
  async (token) => {
    const worker = await open(
      token === undefined ? {} : { authToken: token === 'submit' ? api.keys.submit : token },
    );
    expect(await worker.register()).toMatchObject({ success: false, error: 'Invalid authentication token' });
    expect(await worker.closed).toBe('4001 Authentication failed');
  },
);

test('two different keys are refused', async () => {
  const { keys } = await api.addOrg('other');
  const worker = await open({
    authToken: keys.worker,
    headers: { authorization: `Bearer ${api.keys.worker}` },
  });
  expect(await worker.register()).toMatchObject({ success: false });
  expect(await worker.closed).toBe('4001 Authentication failed');
});

test('a heartbeat is answered with its own timestamp and the next deadline', async () => {
  const worker = await open();
  await worker.register();
  const timestamp = '2026-01-01T00:00:00.000Z';
  worker.send({ type: 'heartbeat', workerId: 'worker-1', timestamp });
  const ack = await worker.next('heartbeat_ack');
  expect(ack.timestamp).toBe(timestamp);
  expect(new Date(ack.nextHeartbeatDeadline).toISOString()).toBe(ack.nextHeartbeatDeadline);
});

test('what is no message is ignored, and the socket stays open', async () => {
  const worker = await open();
  const noise = [
    'null',
    '[]',
    '1',
    '"text"',
    '{',
    '',
    '{}',
    '{"type":1}',
    '{"type":null}',
    '[{"type":"heartbeat"}]',
  ];
  for (const frame of noise) worker.socket.send(frame);
  worker.send({ type: 'heartbeat', workerId: 'somebody', timestamp: 'x' });
  await worker.register();
  for (const frame of [...noise, '{"type":"never_heard_of"}', '{"type":"__proto__"}', '{"type":"toString"}'])
    worker.socket.send(frame);
  worker.send({ type: 'heartbeat', workerId: 'somebody-else', timestamp: 'x' });
  worker.send({ type: 'heartbeat', timestamp: 7 });
  worker.send({ type: 'heartbeat', workerId: 'worker-1', timestamp: 'mine' });
  expect((await worker.next('heartbeat_ack')).timestamp).toBe('mine');
  expect(worker.received.map(({ type }) => type)).toEqual(['worker_registration_ack', 'heartbeat_ack']);
});

test('the same worker id registers again: the old socket is replaced', async () => {
  const old = await open();
  const { sessionId } = await old.register();
  const young = await open();
  const ack = await young.register();
  expect(await old.closed).toBe('4003 Replaced by new connection');
  expect(ack.sessionId).not.toBe(sessionId);
});

test('nobody takes the worker id of another key', async () => {
  const { keys } = await api.addOrg('neighbour');
  const owner = await open();
  await owner.register();
  const other = await open({ authToken: keys.worker });
  expect(await other.register()).toMatchObject({ success: true });
  owner.send({ type: 'heartbeat', workerId: 'worker-1', timestamp: 'still here' });
  expect((await owner.next('heartbeat_ack')).timestamp).toBe('still here');
});

test('a worker that is silent for its lease is closed', async () => {
  const worker = await open();
  await worker.register({ leaseSeconds: 3 });
  expect(await worker.closed).toBe('4003 Heartbeat timeout');
});

test('other paths are not for sockets, and the path not for others', async () => {
  await expect(open({ path: '/elsewhere' })).rejects.toThrow('404');
  expect((await fetch(`${api.url}/workers/socket`)).status).toBe(400);
});

test('an offer of another protocol, as some HTTP clients make with every request, is passed over', async () => {
  const statusOf = async (path: string, method = 'GET'): Promise<number> => {
    const headers = { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    const request = sendHttp(`${api.url}${path}`, { method, headers }).end(
      method === 'POST' ? '{}' : undefined,
    );
    const [answer] = await once(request, 'response');
    answer.resume();
    return answer.statusCode;
  };
  expect(await statusOf('/health/live')).toBe(200);
  expect(await statusOf('/trpc/jobs.submit', 'POST')).toBe(401);
  expect(await statusOf('/workers/socket')).toBe(400);
});

test('an API that closes says so', async () => {
  const registered = await open();
  await registered.register();
  const stranger = await open({});
  await api.restart();
  expect(await registered.closed).toBe('1001 Server shutting down');
  expect(await stranger.closed).toBe('1001 Server shutting down');
});
