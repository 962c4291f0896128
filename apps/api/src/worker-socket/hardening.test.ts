import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectDatabase, createAdmin } from '@longshore/db';
import { useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { readJob, submitJob } from './testing/call-api.ts';
import { models, openSocketWorker, type SocketWorker } from './testing/socket-worker.ts';

const api = useApi({ env: { LONGSHORE_BODY_BYTES_MAX: '200000' } });
const opened: SocketWorker[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.terminate();
});
const open = async (options: Parameters<typeof openSocketWorker>[1] = { authToken: api.keys.worker }) => {
  const worker = await openSocketWorker(api.url, options);
  opened.push(worker);
  return worker;
};

test('nobody sends messages before the registration, and they have no effect', async () => {
  const holder = await open();
  await holder.register();
  const id = await submitJob(api, {});
  await holder.next('work_request');
  const stranger = await open({});
  stranger.send({ type: 'work_complete', requestId: id, result: 'not mine' });
  expect(await stranger.closed).toBe('4004 Not registered');
  expect(await readJob(api, id)).toMatchObject({ state: 'running' });
});

test('a worker cannot beat for another, even one of its own key', async () => {
  const silent = await open({ workerId: 'silent', authToken: api.keys.worker });
  await silent.register({ leaseSeconds: 3, kinds: ['nothing'] });
  const loud = await open({ workerId: 'loud', authToken: api.keys.worker });
  await loud.register({ kinds: ['nothing'] });
  loud.send({ type: 'heartbeat', workerId: 'silent', timestamp: 'for it' });
  loud.send({ type: 'heartbeat', workerId: 'loud', timestamp: 'for me' });
  expect((await loud.next('heartbeat_ack')).timestamp).toBe('for me');
  expect(await silent.closed).toBe('4003 Heartbeat timeout');
});

test.for([
  [{ capabilities: undefined }, 'capabilities'],
  [{ capabilities: null }, 'capabilities'],
  [{ capabilities: { models } }, 'capabilities.maxConcurrentRequests'],
  [{ capabilities: { models, maxConcurrentRequests: 0 } }, 'capabilities.maxConcurrentRequests'],
  [{ capabilities: { models: [{}], maxConcurrentRequests: 1 } }, 'capabilities.models[0].modelId'],
  [{ kind: ['typo'] }, 'kind'],
] as const)(
  'a registration that lacks something is refused by the name of the field',
  async ([fields, field]) => {
    const worker = await open();
    expect(await worker.register(fields)).toMatchObject({ success: false, details: { field } });
    expect(await worker.closed).toBe('4005 Registration refused');
  },
);

test('who does not register in time is closed', async () => {
  const stranger = await open({});
  expect(await stranger.closed).toBe('4002 Registration timeout');
});

test('a stranger may send so much, and no more', async () => {
  const stranger = await open({});
  for (let sent = 0; sent < 70; sent += 1) stranger.socket.send(`"${'x'.repeat(1_000)}"`);
  expect(await stranger.closed).toBe('1009 Too much before the registration');
});

test('a message is as large as a body over HTTP at most', async () => {
  const worker = await open();
  await worker.register();
  worker.socket.send('x'.repeat(200_001));
  expect(await worker.closed).toMatch(/^1009 /);
});

test('binary frames are not spoken', async () => {
  const worker = await open();
  worker.socket.send(Buffer.from('{"type":"heartbeat"}'));
  expect(await worker.closed).toBe('1003 Text frames only');
});

test('a connection whose key is revoked ends, idle or not', async () => {
  const db = connectDatabase({ url: api.database.url, poolSize: 1 });
  try {
    const admin = createAdmin(db);
    const { id, apiKey } = await admin.registerWorker(api.orgId, { name: 'short-lived' });
    const idle = await open({ workerId: 'idle', authToken: apiKey });
    await idle.register({ kinds: ['nothing'] });
    const busy = await open({ workerId: 'busy', authToken: apiKey });
    await busy.register({ kinds: ['nothing'] });
    await admin.revokeWorker(api.orgId, id);
    await expect
      .poll(() => {
        if (busy.socket.readyState === busy.socket.OPEN) busy.send({ type: 'heartbeat', timestamp: 'now' });
        return busy.socket.readyState;
      })
      .toBe(busy.socket.CLOSED);
    expect(await busy.closed).toMatch(/^400[16] /);
    expect(await idle.closed).toMatch(/^400[16] /);
  } finally {
    await db.close();
  }
});

test('a worker that reads nothing is cut off, and what it was not sent goes to others', async () => {
  const payload = 'x'.repeat(150_000);
  const ids: string[] = [];
  for (let count = 0; count < 64; count += 1) ids.push(await submitJob(api, { kind: 'large', payload }));
  const stream = await openDeafSocket();
  stream.write(
    writeText({
      type: 'worker_registration',
      workerId: 'deaf',
      authToken: api.keys.worker,
      capabilities: { models: [], maxConcurrentRequests: 1_000 },
      kinds: ['large'],
      leaseSeconds: 8,
    }),
  );
  await expect.poll(() => readJob(api, ids[0]!)).toMatchObject({ state: 'running' });
  const reader = await open({ workerId: 'reader', authToken: api.keys.worker });
  await reader.register({
    kinds: ['large'],
    capabilities: { models: [], maxConcurrentRequests: 1_000 },
    leaseSeconds: 60,
  });
  for (let left = ids.length; left > 0; left -= 1) await reader.next('work_request');
  expect(new Set(reader.received.flatMap(({ requestId }) => requestId ?? []))).toEqual(new Set(ids));
  stream.destroy();
});

/** It shakes hands and never reads again. */
const openDeafSocket = async () => {
  const { hostname, port } = new URL(api.url);
  const stream = connect({ host: hostname, port: Number(port) });
  stream.on('error', () => {});
  stream.write(
    'GET /workers/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await new Promise((resolve) => stream.once('data', resolve));
  stream.pause();
  return stream;
};

/** A masked text frame of less than 64 KiB, its mask all zeros. */
const writeText = (message: object): Buffer => {
  const text = Buffer.from(JSON.stringify(message));
  const header = Buffer.from([0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(text.length, 2);
  return Buffer.concat([header, text]);
};
