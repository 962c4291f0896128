import { connect as openSocket, type Socket } from 'node:net';
import { useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';

const api = useApi({ env: { LONGSHORE_FAILED_AUTH_PER_MINUTE: '0' } });
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that is written to by hand; `heard` waits for answers of these statuses, in this order, since the beginning. */
const openConnection = () => {
  const { hostname, port } = new URL(api.url);
  const socket = openSocket(Number(port), hostname);
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const statuses = (): number[] =>
    [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  const heard = async (...wanted: number[]): Promise<string> => {
    const isAll = (): boolean => statuses().length === wanted.length && text.endsWith('}');
    while (!isAll() && !socket.closed) await somethingFrom(socket);
    expect(statuses()).toEqual(wanted);
    return text;
  };
  return { socket, heard };
};

const somethingFrom = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('data', resolve).once('close', resolve));

const bytes = 8_000_000;
const post = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json', ...headers, '\r\n'].join('\r\n');
const length = `content-length: ${bytes}`;
const unknownKey = `authorization: Bearer lsh_submit_${'x'.repeat(43)}2nU1wB`;

test.for([
  ['without a key', 401, '/trpc/jobs.submit', ''],
  ['with a malformed key', 401, '/trpc/jobs.submit', 'authorization: Bearer x'],
  ['with a key that nobody has', 401, '/trpc/jobs.submit', unknownKey],
  ['of a batch without a key', 401, '/trpc/jobs.submit,jobs.submit?batch=1', ''],
  ['of too large a batch', 400, '/trpc/,,,,,,,,,,,,?batch=1', ''],
  ['to no procedure, without a key', 401, '/trpc/nothing', ''],
  ['to a path where nothing is', 404, '/nowhere', ''],
  ['to a route that takes no body', 404, '/health/live', ''],
] as const)('a request %s is answered before its body has been sent', async ([, status, path, header]) => {
  const { socket, heard } = openConnection();
  socket.write(post(path, length, ...(header ? [header] : [])));
  expect(await heard(status)).toMatch(/"longshore":\{"code":"/);
});

test('a stranger who sends the body after all is heard out, and may use the connection again', async () => {
  const { socket, heard } = openConnection();
  socket.write(post('/trpc/jobs.submit', length));
  await heard(401);
  socket.write('x'.repeat(bytes));
  socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
  await heard(401, 200);
});

test('a body without an end costs its sender the connection', async () => {
  const endless = ['transfer-encoding: chunked', `content-length: ${100 * bytes}`];
  for (const header of endless) {
    const { socket, heard } = openConnection();
    socket.write(post('/trpc/jobs.submit', header));
    expect(await heard(401)).toMatch(/\r\nconnection: close\r\n/);
    while (!socket.closed) await somethingFrom(socket);
  }
});
