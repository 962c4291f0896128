import { expect, test } from 'vitest';
import { unknownKey, useAppWithoutDatabase } from './testing/app-without-database.ts';

const api = useAppWithoutDatabase({ LONGSHORE_BODY_BYTES_MAX: '2048' });
const authorization = `Bearer ${unknownKey}`;

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: `/trpc/${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });

test('the process says that it lives', async () => {
  const answer = await api.app.inject('/health/live');
  expect(answer.json()).toEqual({ status: 'live' });
});

test('without a database the process is not ready, and calls are told to come back', async () => {
  const readiness = await api.app.inject('/health/ready');
  expect(readiness.statusCode).toBe(503);
  expect(readiness.json()).toMatchObject({ code: 'UNAVAILABLE', listener: 'off' });
  const call = await post('jobs.submit', '{}', { authorization });
  expect(call.statusCode).toBe(503);
  expect(call.headers['retry-after']).toBe('1');
  expect(call.json().error.data.longshore).toMatchObject({ code: 'UNAVAILABLE', isRetryable: true });
});

test('a call without a key is refused before its body is read', async () => {
  const answer = await post('jobs.submit', '{ not json');
  expect(answer.statusCode).toBe(401);
  expect(answer.json().error.data.longshore.code).toBe('UNAUTHENTICATED');
  expect(answer.json().error.data.code).toBe('UNAUTHORIZED');
});

test('what no route serves is NOT_FOUND in the shape of all refusals, whatever its method', async () => {
  const asked = [
    ['GET', '/nowhere'],
    ['POST', '/health/live'],
    ...(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).map(
      (method) => [method, '/trpc/whoami'] as const,
    ),
  ] as const;
  for (const [method, url] of asked) {
    const answer = await api.app.inject({ method, url, headers: { authorization } });
    expect(answer.statusCode, `${method} ${url}`).toBe(404);
    if (method === 'HEAD') continue;
    expect(answer.json().error.data).toMatchObject({
      longshore: { code: 'NOT_FOUND', isRetryable: false },
      requestId: answer.headers['x-request-id'],
    });
  }
});

test('more than ten calls in one request are refused', async () => {
  const paths = Array.from({ length: 11 }, () => 'whoami').join(',');
  const answer = await api.app.inject(`/trpc/${paths}?batch=1&input={}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error.data.longshore.code).toBe('INVALID_INPUT');
});

test('a sane request id is kept, any other replaced', async () => {
  const idFor = async (given: string) =>
    (await api.app.inject({ url: '/health/live', headers: { 'x-request-id': given } })).headers[
      'x-request-id'
    ];
  expect(await idFor('trace-42')).toBe('trace-42');
  expect(await idFor('a b\tc')).not.toBe('a b\tc');
  expect(await idFor('x'.repeat(65))).not.toBe('x'.repeat(65));
});

test('an answer never carries a stack trace', async () => {
  const answer = await post('jobs.submit', '{}', { authorization });
  expect(answer.body).not.toContain('    at ');
  expect(answer.json().error.data.stack).toBeUndefined();
});
