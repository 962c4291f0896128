import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { eventually } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { createStallGuard } from './stall-guard.ts';

let server: Server | undefined;
const clients: Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server?.close();
});

const chunk = Buffer.alloc(1_048_576);

/** A guarded connection to a client that reads nothing until it is told to, with a clock that the test sets. */
const openGuarded = async (clock: { nowMs: number }) => {
  const guard = createStallGuard({ stallMs: 4_500, lookMs: 1, nowMs: () => clock.nowMs });
  const listening = createServer();
  server = listening;
  const accepted = once(listening, 'connection') as Promise<[Socket]>;
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const client = connect((listening.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  clients.push(client);
  const [socket] = await accepted;
  for (const end of [client, socket]) end.on('error', () => {});
  guard.watch(socket);
  return { socket, client };
};

/** Writes until the kernel takes no more, which nothing tells but that it took nothing for a while. */
const fill = async (socket: Socket): Promise<void> => {
  for (;;) {
    const taken = socket.bytesWritten - socket.writableLength;
    socket.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (socket.bytesWritten - socket.writableLength === taken) return;
  }
};

test('a connection whose reader takes nothing for 4.5 s is closed', async () => {
  const clock = { nowMs: 0 };
  const { socket } = await openGuarded(clock);
  await fill(socket);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(socket.destroyed).toBe(false);
  clock.nowMs += 4_600;
  await eventually(() => socket.destroyed);
});

test('a connection that waits for nothing, or whose reader goes on slowly, is kept', async () => {
  const clock = { nowMs: 0 };
  const { socket, client } = await openGuarded(clock);
  clock.nowMs += 60_000;
  await fill(socket);
  for (let round = 0; round < 3; round++) {
    const taken = socket.bytesWritten - socket.writableLength;
    client.resume();
    await eventually(() => socket.bytesWritten - socket.writableLength > taken);
    client.pause();
    await fill(socket);
    clock.nowMs += 4_000;
  }
  expect(socket.destroyed).toBe(false);
});

test('a connection that has ended before anybody looks after it is forgotten', async () => {
  const guard = createStallGuard({ lookMs: 1 });
  const socket = new Socket();
  socket.destroy();
  await once(socket, 'close');
  guard.watch(socket);
  expect(socket.listenerCount('close')).toBe(0);
});
