import { expect, test } from 'vitest';
import { unknownKey, useAppWithoutDatabase } from '../testing/app-without-database.ts';
import { countEntries } from './batch-limits.ts';

const api = useAppWithoutDatabase();
const authorization = `Bearer ${unknownKey}`;

interface Ask {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  payload?: string;
}

/** The code of each refusal, with a key of the right form and without any. */
const codesOf = async (url: string, { method = 'POST', headers = {}, payload = '{}' }: Ask = {}) => {
  const ask = async (more: Record<string, string>) => {
    const answer = await api.app.inject({
      method,
      url,
      headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers, ...more },
      ...(method === 'POST' && { payload }),
    });
    const body = answer.json();
    const [first] = Array.isArray(body) ? body : [body];
    return `${answer.statusCode} ${first.error.data.longshore.code}`;
  };
  return [await ask({}), await ask({ authorization })];
};
const refused = ['400 INVALID_INPUT', '400 INVALID_INPUT'];
const letThrough = ['401 UNAUTHENTICATED', '503 UNAVAILABLE'];
const names = (count: number) => Array.from({ length: count }, () => 'jobs.submit').join(',');

test('ten calls in one request are served, more are refused before a key is looked at', async () => {
  expect(await codesOf(`/trpc/${names(10)}?batch=1`)).toEqual(letThrough);
  expect(await codesOf(`/trpc/${names(11)}?batch=1`)).toEqual(refused);
  expect(await codesOf(`/trpc/${names(11)}`)).toEqual(refused);
});

test('an answer is never streamed, which would hide refusals inside an answer of 200', async () => {
  for (const headers of [{ 'trpc-accept': 'application/jsonl' }, { accept: 'text/html, application/jsonl' }])
    expect(await codesOf('/trpc/whoami', { headers })).toEqual(refused);
});

test('a path of commas is refused, however many there are and however they are written', async () => {
  for (const path of [
    ',,,,',
    ',',
    'whoami,',
    ',whoami',
    ','.repeat(10_000),
    '%2C%2C%2C',
    '%252C%252C%252C',
  ]) {
    for (const query of ['', '?batch=1', '?batch=1&input={}']) {
      expect(await codesOf(`/trpc/${path}${query}`, { method: 'GET' }), path.slice(0, 20)).toEqual(refused);
      expect(await codesOf(`/trpc/${path}${query}`), path.slice(0, 20)).toEqual(refused);
    }
  }
});

test('a batch with more inputs in its address than calls is refused before a key is looked at', async () => {
  const inputs = (count: number) =>
    encodeURIComponent(`{${Array.from({ length: count }, (_, at) => `"${at}":{"kind":"a,b\\"{"}`).join()}}`);
  for (const [count, codes] of [
    [2, letThrough],
    [3, refused],
  ] as const) {
    const url = `/trpc/whoami,whoami?batch=1&input=${inputs(count)}`;
    expect(await codesOf(url, { method: 'GET' })).toEqual(codes);
  }
});

test('a parameter that two readers could read differently is refused', async () => {
  for (const query of [
    'batch=0&batch=1',
    'batch=1&batch=1',
    'batch=1&input={}&input={}',
    '%62atch=1&batch=1',
  ]) {
    expect(await codesOf(`/trpc/whoami?${query}`, { method: 'GET' }), query).toEqual(refused);
  }
});

test('what tRPC would read of a connection from the address is refused', async () => {
  for (const query of ['connectionParams=1', 'connectionParams', 'batch=1&input={}&connectionParams=[']) {
    const answer = await api.app.inject({ url: `/trpc/whoami?${query}`, headers: { authorization } });
    expect(answer.json().error.data, query).toMatchObject({
      longshore: { code: 'INVALID_INPUT' },
      requestId: answer.headers['x-request-id'],
    });
  }
});

test('entries are counted outside of strings and inner brackets', () => {
  expect(countEntries('{"0":{"a":[1,2,{"b":3,"c":4}]},"1":"x,\\",y"}', 99)).toBe(2);
  expect(countEntries('{}', 99)).toBe(1);
  expect(countEntries('[1,2,3,4,5]', 3)).toBe(3);
});

test('counting a hostile text takes no more than a walk over it', () => {
  const texts = [
    '{"0":"'.concat('\\"'.repeat(500_000)),
    '['.repeat(1_000_000),
    '"'.repeat(999_999),
    '{,'.repeat(100),
  ];
  for (const text of texts) expect(countEntries(text, 11)).toBeLessThanOrEqual(11);
});
