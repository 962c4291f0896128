import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { expect, test } from 'vitest';
import { unknownKey, useAppWithoutDatabase } from '../testing/app-without-database.ts';

const api = useAppWithoutDatabase({ LONGSHORE_BODY_BYTES_MAX: '2048' });

const promised = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
};

/** What printRoutes lists, as a tree, so that a new route is covered by being there. */
const routes = (): { method: string; url: string }[] => {
  const path: string[] = [];
  const lines = api.app.printRoutes({ commonPrefix: false }).matchAll(/^(.*)[├└]── (\/\S*) \(([A-Z, ]+)\)/gm);
  return [...lines].flatMap(([, indent, part, methods]) => {
    path.splice(indent!.length / 4, path.length, part!);
    return methods!.split(', ').map((method) => ({ method, url: path.join('') }));
  });
};

test('every route answers with the security headers, whatever it answers', async () => {
  expect(routes().map(({ method, url }) => `${method} ${url}`)).toEqual(
    expect.arrayContaining([
      ...['GET /health/live', 'GET /health/ready', 'GET /trpc', 'GET /trpc/:path', 'POST /trpc/:path'],
      'GET /workers/socket',
    ]),
  );
  for (const { method, url } of routes()) {
    for (const path of ['whoami', 'jobs.submit', 'nothing', ',,,', '%', '%25']) {
      const answer = await api.app.inject({ method: method as 'GET', url: url.replace(/:\w+/, path) });
      expect(answer.headers, `${method} ${url} ${path}`).toMatchObject(promised);
      expect(answer.headers['x-request-id'], `${method} ${url} ${path}`).toBeTypeOf('string');
      expect(answer.headers).not.toHaveProperty('strict-transport-security');
    }
  }
});

test('so does every kind of refusal', async () => {
  const json = { 'content-type': 'application/json' };
  const key = { authorization: `Bearer ${unknownKey}` };
  const post = (payload: string, headers: Record<string, string>) =>
    ({ method: 'POST', url: '/trpc/jobs.submit', payload, headers }) as const;
  const refusals = [
    [404, { url: '/nowhere' }],
    [404, { url: '/nowhere', method: 'DELETE' }],
    [404, { url: '/trpc/whoami', method: 'PUT' }],
    [401, { url: '/trpc/nothing' }],
    [400, { url: '/health/%zz' }],
    [401, post('{}', json)],
    [503, post('{}', { ...json, ...key })],
    [503, { url: '/health/ready' }],
    [400, { url: `/trpc/${','.repeat(11)}?batch=1` }],
    [400, { url: `/trpc/${'x'.repeat(70_000)}` }],
  ] as const;
  for (const [status, request] of refusals) {
    const answer = await api.app.inject(request);
    expect(answer.statusCode, request.url.slice(0, 50)).toBe(status);
    expect(answer.headers, request.url.slice(0, 50)).toMatchObject(promised);
    if (request.url !== '/health/ready')
      expect(answer.json().error.data).toMatchObject({ requestId: answer.headers['x-request-id'] });
  }
});

test('bytes that are no HTTP are refused in the same shape, with the same headers', async () => {
  await api.app.ready();
  api.app.server.listen(0, '127.0.0.1');
  await once(api.app.server, 'listening');
  const refusals = [
    ['nonsense\r\n\r\n', 400, 'INVALID_INPUT'],
    [`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`, 413, 'TOO_LARGE'],
  ] as const;
  for (const [sent, status, code] of refusals) {
    const text = await speak(sent);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    for (const [name, value] of Object.entries(promised)) expect(text).toContain(`${name}: ${value}\r\n`);
    expect(JSON.parse(text.split('\r\n\r\n')[1]!).error.data.longshore.code).toBe(code);
  }
  api.app.server.close();
});

const speak = async (text: string): Promise<string> => {
  const socket = connectSocket((api.app.server.address() as AddressInfo).port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    heard += part;
  });
  socket.write(text);
  await once(socket, 'close');
  return heard;
};
