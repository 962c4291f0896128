import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createOutbox } from './outbox.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** The two ends of a connection. */
const connectPair = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  closers.push(() => {
    client.terminate();
    server.close();
    socket.terminate();
  });
  return { client, socket: socket as WebSocket };
};
const large = { type: 'large', text: 'x'.repeat(1_000_000) };

test('a reader that stops reading is found out, and a reader that reads never', async () => {
  const { client, socket } = await connectPair();
  let stalls = 0;
  const outbox = createOutbox({ socket, stallMs: 200, onStalled: () => (stalls += 1) });
  for (let sent = 0; sent < 20; sent += 1) {
    outbox.send(large);
    await outbox.drained();
  }
  expect(stalls).toBe(0);
  client.pause();
  for (let sent = 0; sent < 12; sent += 1) outbox.send(large);
  await expect.poll(() => stalls).toBeGreaterThan(0);
});

test('no more is kept for a reader than agreed', async () => {
  const { client, socket } = await connectPair();
  client.pause();
  let stalls = 0;
  const outbox = createOutbox({ socket, bytesMax: 5_000_000, onStalled: () => (stalls += 1) });
  for (let sent = 0; sent < 200; sent += 1) outbox.send(large);
  expect(stalls).toBeGreaterThan(0);
  expect(socket.bufferedAmount).toBeLessThan(7_000_000);
});

test('nobody waits for a box that is closed', async () => {
  const { client, socket } = await connectPair();
  client.pause();
  const outbox = createOutbox({ socket, onStalled: () => {} });
  for (let sent = 0; sent < 12; sent += 1) outbox.send(large);
  const waiting = outbox.drained();
  outbox.close();
  await waiting;
  await outbox.drained();
});
