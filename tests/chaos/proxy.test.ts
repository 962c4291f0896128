import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../races/random.ts';
import { isHttpAnswer, isPostgresAnswer, startProxy, type TcpProxy } from './proxy.ts';

let server: Server;
let proxy: TcpProxy;
/** What the server has received. */
let received: string[];

beforeEach(async () => {
  received = [];
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      received.push(String(piece));
      socket.write(`HTTP/1.1 200 ${piece}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await startProxy({
    pickTarget: () => ({ name: 'echo', port }),
    isAnswer: isHttpAnswer,
    random: createRandom(1),
  });
});
afterEach(async () => {
  await proxy.close();
  server.close();
});

const open = async (): Promise<Socket> => {
  const socket = dial(proxy.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
};

const ask = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return String(answer);
};

test('in good weather everything arrives', async () => {
  expect(await ask(await open(), 'one')).toBe('HTTP/1.1 200 one');
});

test('what is sent into a stall arrives when it is over, and not before', async () => {
  const [stalled, free] = [await open(), await open()];
  expect(await ask(stalled, 'zero')).toBe('HTTP/1.1 200 zero');
  const [link] = proxy.links();
  const lift = proxy.impose({ stalls: 'up', concerns: (one) => one === link });
  const answer = ask(stalled, 'one');
  expect(await ask(free, 'two')).toBe('HTTP/1.1 200 two');
  expect(received).toEqual(['zero', 'two']);
  lift();
  expect(await answer).toBe('HTTP/1.1 200 one');
});

test('an answer that is lost has been worked for, and its connection is reset', async () => {
  proxy.impose({ losesAnswers: 1 });
  const socket = await open();
  socket.write('one');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  expect(received).toEqual(['one']);
});

test('whoever lets go of a stalled connection is noticed, its server is not told before the stall is over', async () => {
  const socket = await open();
  await ask(socket, 'one');
  const [link] = proxy.links();
  const lift = proxy.impose({ stalls: 'both' });
  socket.destroy();
  await link!.leftAtMs;
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  expect(await connections()).toBe(1);
  lift();
  await expect.poll(connections).toBe(0);
});

test('an answer of PostgreSQL counts once nothing is open any more', () => {
  const ready = (status: string): Buffer => Buffer.from(`C\0\0\0\rCOMMIT\0Z\0\0\0\x05${status}`);
  expect(isPostgresAnswer(ready('I'))).toBe(true);
  expect(isPostgresAnswer(ready('T'))).toBe(false);
});
