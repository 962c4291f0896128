import { connect as openSocket } from 'node:net';
import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const api = useApi();

/** What is no HTTP, or hardly, as it would arrive on the port. */
const garbage: readonly string[] = [
  '',
  '\r\n\r\n',
  '\0\0\0\0',
  'GET',
  'GET / HTTP/9.9\r\n\r\n',
  'get /health/live http/1.1\r\n\r\n',
  'GET /trpc/whoami HTTP/1.1\r\n\r\n',
  'GET /trpc/whoami HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n',
  'GET \u0000 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET //// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'BREW /trpc/whoami HTTP/1.1\r\nHost: x\r\n\r\n',
  'TRACE /trpc/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
  `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
  'POST /trpc/jobs.submit HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
  'GET /trpc/whoami HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
];

/** Writes it, hangs up, and answers what came back. */
const sendBytes = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(api.url);
    const socket = openSocket(Number(port), hostname, () => socket.end(text, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });

test.for(garbage.map((text, place) => ({ text, place })))(
  'what is hardly HTTP is refused or dropped, and the API lives on ($place)',
  async ({ text }) => {
    const answer = await sendBytes(text);
    if (answer) expect(answer).toMatch(/^HTTP\/1\.1 (?:4\d\d|100|200|505) /);
    expect(answer).not.toMatch(/node_modules|\.ts:\d|\n +at /);
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  },
);
