import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isHttpAnswer, isPostgresAnswer, startTcpProxy, type TcpProxy, targetAt } from './tcp-proxy.ts';

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
  proxy = await startTcpProxy({
    pickTarget: () => ({ name: 'echo', port }),
    isAnswer: isHttpAnswer,
  });
});
afterEach(async () => {
  await proxy.close();
  server.close();
});

const dialQuietly = (port: number): Socket => {
  const socket = dial(port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
};
const open = async (): Promise<Socket> => {
  const socket = dialQuietly(proxy.port);
  await once(socket, 'connect');
  return socket;
};
const connections = (of: Server) =>
  new Promise<number>((resolve) => of.getConnections((_, count) => resolve(count)));
const gone = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

const ask = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return String(answer);
};

test('in good weather everything arrives', async () => {
  expect(await ask(await open(), 'one')).toBe('HTTP/1.1 200 one');
});

test('an address by way of the proxy keeps all but host and port', () => {
  expect(proxy.through('postgres://me@db:5432/jobs')).toBe(`postgres://me@127.0.0.1:${proxy.port}/jobs`);
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
  expect(await connections(server)).toBe(1);
  lift();
  await expect.poll(() => connections(server)).toBe(0);
});

test('while the line is cut nobody gets through, and afterwards new connections do', async () => {
  const before = await open();
  await ask(before, 'one');
  const lift = proxy.cut();
  await gone(before);
  await gone(dialQuietly(proxy.port));
  lift();
  expect(await ask(await open(), 'two')).toBe('HTTP/1.1 200 two');
  expect(received).toEqual(['one', 'two']);
});

test('a server that speaks to a client who has left is left too', async () => {
  // It keeps its half of the connection open for as long as somebody takes what it says.
  const talker = createServer({ allowHalfOpen: true }, (socket) => {
    const talking = setInterval(() => socket.write('late'), 5);
    socket.on('error', () => {}).on('close', () => clearInterval(talking));
    socket.resume();
  });
  talker.listen(0, '127.0.0.1');
  await once(talker, 'listening');
  const { port } = talker.address() as AddressInfo;
  const between = await startTcpProxy({ pickTarget: () => ({ name: 'talker', port }) });
  const lift = between.impose({ stalls: 'down' });
  const socket = dialQuietly(between.port);
  socket.end('one');
  await gone(socket);
  await expect.poll(() => between.links()).toEqual([]);
  lift();
  await expect.poll(() => connections(talker)).toBe(0);
  await between.close();
  talker.close();
});

test('what is intercepted is answered by the proxy alone', async () => {
  const answering = await startTcpProxy({
    pickTarget: () => targetAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    intercept: (piece) => (String(piece) === 'one' ? Buffer.from('no') : undefined),
  });
  const socket = dialQuietly(answering.port);
  expect(await ask(socket, 'one')).toBe('no');
  expect(await ask(socket, 'two')).toBe('HTTP/1.1 200 two');
  expect(received).toEqual(['two']);
  await answering.close();
});

test('an answer of PostgreSQL counts once nothing is open any more', () => {
  const ready = (status: string): Buffer => Buffer.from(`C\0\0\0\rCOMMIT\0Z\0\0\0\x05${status}`);
  expect(isPostgresAnswer(ready('I'))).toBe(true);
  expect(isPostgresAnswer(ready('T'))).toBe(false);
});
