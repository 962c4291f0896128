import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const api = useApi({ env: { LONGSHORE_BODY_BYTES_MAX: '2048' } });
const job = '{"kind":"mail","payload":1}';

/** Of a request with a good key: its status, and the code of the (first) refusal. */
const answerTo = async (
  path: string,
  body: string | undefined,
  type = 'application/json',
): Promise<string> => {
  const answer = await fetch(`${api.url}/trpc/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${api.keys.submit}`,
      ...(body !== undefined && { 'content-type': type }),
    },
    body: body ?? null,
  });
  const text = (await answer.json()) as Answer | Answer[];
  const [first] = Array.isArray(text) ? text : [text];
  return [answer.status, first?.error?.data.longshore.code].join(' ').trim();
};
interface Answer {
  error?: { data: { longshore: { code: string } } };
}
const refused = '400 INVALID_INPUT';

test('an unknown procedure is NOT_FOUND', async () => {
  expect(await answerTo('jobs.explode', '{}')).toBe('404 NOT_FOUND');
});

test('a body over the limit is TOO_LARGE', async () => {
  expect(await answerTo('jobs.submit', `"${'x'.repeat(2_048)}"`)).toBe('413 TOO_LARGE');
});

test('a batch with more inputs than calls is refused', async () => {
  const inputs = (count: number) => `{${Array.from({ length: count }, (_, at) => `"${at}":${job}`).join()}}`;
  expect(await answerTo('jobs.submit?batch=1', inputs(1))).toBe('200');
  expect(await answerTo('jobs.submit?batch=1', inputs(2))).toBe(refused);
  expect(await answerTo('jobs.submit?batch=1', `[${'0,'.repeat(500)}0]`)).toBe(refused);
});

test('a mutation is not served to a GET', async () => {
  expect(await answerTo('jobs.submit?input={}', undefined)).toBe(refused);
});

test('a body is JSON by its content type and checked as such, or refused', async () => {
  const asJson = [
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="utf-8"',
    'application/json ;charset=utf-8',
    'application/json\t; x=y',
    'application/json;',
  ];
  for (const type of asJson) {
    expect(await answerTo('jobs.submit', job, type), type).toBe('200');
  }
  const other = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/jsonx',
    'application/json/x',
    'application/json, text/plain',
    'text/plain; application/json',
    'application /json',
    'application/ json',
    'application/problem+json',
    'json',
    ';',
    '; application/json',
  ];
  for (const type of other) {
    expect(await answerTo('jobs.submit', job, type), type).toBe(refused);
  }
});
