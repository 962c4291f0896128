import { once } from 'node:events';
import type { AppRouter } from '@longshore/api';
import { type Client, createApiClient, createClient, defineJob, type ErrorBody } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi({ env: { LONGSHORE_STREAMS_PER_KEY_MAX: '12', LONGSHORE_STREAMS_MAX: '16' } });
const nothing = defineJob({ kind: 'nothing', payload: z.null() });
const kinds = ['sse', 'websocket'] as const;

const connect = (streams: (typeof kinds)[number], apiKey: string = api.keys.submit): Client =>
  createClient({ url: api.url, apiKey, streams });

const submitLater = async (): Promise<string> =>
  (await connect('sse').submit(nothing, null, { delaySeconds: 600 })).id;

/** A key of the role submit, and how to revoke it. */
const makeKey = async () => {
  const { keys } = createApiClient({ url: api.url, apiKey: api.keys.admin });
  const { id, apiKey } = await keys.create({ role: 'submit', name: crypto.randomUUID() });
  return { apiKey, revoke: () => keys.revoke({ id }) };
};

test.each(kinds)('streams over %s end with their key, and those of other keys go on', async (streams) => {
  const { apiKey, revoke } = await makeKey();
  const id = await submitLater();
  const watching = connect(streams, apiKey).watch(id);
  const going = connect(streams).watch(id);
  await Promise.all([watching.next(), going.next()]);
  const [cutOff, next] = [watching.next(), going.next()];
  await revoke();
  await expect(cutOff).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await connect(streams).cancel(id);
  expect((await next).value).toMatchObject({ type: 'state', job: { state: 'cancelled' } });
});

interface ErrorData {
  longshore: ErrorBody;
}

/** Asks for a stream once: the status and what refuses it, or how to close it. */
const openOnce = async (id: string, apiKey: string) => {
  const hangUp = new AbortController();
  const input = encodeURIComponent(JSON.stringify({ id }));
  const response = await fetch(`${api.url}/trpc/jobs.watch?input=${input}`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: hangUp.signal,
  });
  const body = response.ok ? undefined : ((await response.json()) as { error: { data: ErrorData } });
  const error = body?.error.data.longshore;
  return { status: response.status, error, headers: response.headers, close: () => hangUp.abort() };
};

test('streams are bounded by key and by process, refused with a way out, and room comes back', async () => {
  const id = await submitLater();
  const { apiKey } = await makeKey();
  const open: Awaited<ReturnType<typeof openOnce>>[] = [];
  for (let count = 0; count < 12; count++) open.push(await openOnce(id, apiKey));
  expect(open.map(({ status }) => status)).toEqual(Array(12).fill(200));
  const ofKey = await openOnce(id, apiKey);
  expect(ofKey).toMatchObject({ status: 429, error: { code: 'RATE_LIMITED', isRetryable: true } });
  expect(ofKey.error?.hint).toContain('LONGSHORE_STREAMS_PER_KEY_MAX');
  expect(ofKey.headers.get('retry-after')).toBe('5');

  for (let count = 0; count < 4; count++) open.push(await openOnce(id, api.keys.submit));
  const inAll = await openOnce(id, api.keys.submit);
  expect(inAll).toMatchObject({ status: 503, error: { code: 'UNAVAILABLE' } });
  expect(inAll.error?.hint).toContain('LONGSHORE_STREAMS_MAX');

  for (const { close } of open) close();
  // The SDK asks again until there is room.
  const watching = connect('sse', apiKey).watch(id);
  expect((await watching.next()).value).toMatchObject({ type: 'state' });
  await watching.return();
});

test("tRPC's own client follows a job over WebSocket", async () => {
  const id = await submitLater();
  const socket = createWSClient({
    url: `${api.url.replace(/^http/, 'ws')}/trpc`,
    connectionParams: { authorization: `Bearer ${api.keys.submit}` },
  });
  const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
  const states: string[] = [];
  await new Promise<void>((resolve, reject) => {
    trpc.jobs.watch.subscribe(
      { id },
      {
        onData: (event) => {
          if ('data' in event && event.data.type === 'state') states.push(event.data.job.state);
          if (states.length === 1) void connect('sse').cancel(id);
        },
        onError: reject,
        onComplete: resolve,
      },
    );
  });
  await socket.close();
  expect(states).toEqual(['scheduled', 'cancelled']);
});

test('events travel as Server-Sent Events that EventSource understands, with ids to go on from', async () => {
  const id = await submitLater();
  const url = `${api.url}/trpc/jobs.watch?input=${encodeURIComponent(JSON.stringify({ id }))}`;
  const headers = { authorization: `Bearer ${api.keys.submit}` };
  const first = await fetch(url, { headers });
  expect(first.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  for await (const chunk of first.body!) {
    text += Buffer.from(chunk as Uint8Array).toString();
    if (text.includes('\nid: ')) break;
  }
  expect(text).toMatch(
    /^event: connected\ndata: \{\}\n\ndata: \{"type":"state",.*\}\nid: scheduled\.0-0-0\n\n$/,
  );

  await connect('sse').cancel(id);
  const second = await fetch(url, { headers: { ...headers, 'last-event-id': 'scheduled.0-0-0' } });
  expect(await second.text()).toMatch(
    /^event: connected\n.*\n\ndata: .*"cancelled".*\nid: cancelled\.0-0-0\n\nevent: return\ndata: \n\n$/,
  );
});

test('a stream that is not asked for by GET is refused with a status, not inside a stream', async () => {
  const answer = await fetch(`${api.url}/trpc/queues.watch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.keys.submit}`, 'content-type': 'application/json' },
    body: '{"queue":"default"}',
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { data: { longshore: { code: 'INVALID_INPUT' } } } });
});

const socketUrl = (): string => `${api.url.replace(/^http/, 'ws')}/trpc?connectionParams=1`;
const hello = (): string =>
  JSON.stringify({ method: 'connectionParams', data: { authorization: `Bearer ${api.keys.submit}` } });

const closeCodeOf = async (frames: (string | Uint8Array)[]): Promise<number> => {
  const socket = new WebSocket(socketUrl());
  await once(socket, 'open');
  const closed = once(socket, 'close') as Promise<[CloseEvent]>;
  for (const frame of frames) socket.send(frame);
  return (await closed)[0].code;
};

test.each([
  ['null', 'null'],
  ['a number', '7'],
  ['no JSON', '{"id":'],
  ['binary', new Uint8Array([1, 2, 3])],
  ['a mutation', '{"id":1,"method":"mutation","params":{"path":"jobs.submit","input":{}}}'],
  ['a query', '{"id":1,"method":"query","params":{"path":"jobs.stats"}}'],
  ['an array of nonsense', '[[],null]'],
])('a socket that sends %s is closed, before its key is known and after', async (_, frame) => {
  expect(await closeCodeOf([frame])).toBe(1008);
  expect(await closeCodeOf([hello(), frame])).toBe(1008);
});

test('a socket that sends a frame that is too large, or too many, is closed', async () => {
  expect(await closeCodeOf([hello(), 'x'.repeat(70_000)])).toBe(1009);
  const flood = Array.from({ length: 2_000 }, (_, id) => JSON.stringify({ id, method: 'subscription.stop' }));
  expect(await closeCodeOf([hello(), ...flood])).toBe(1008);
  expect(await closeCodeOf([hello(), ...Array<string>(2_000).fill('PING')])).toBe(1008);
});

test('a socket without a good key is closed, and an upgrade without any is refused', async () => {
  const wrong = JSON.stringify({
    method: 'connectionParams',
    data: { authorization: 'Bearer lsh_submit_wrong' },
  });
  expect(await closeCodeOf([wrong])).toBe(1005);
  const socket = new WebSocket(socketUrl().split('?')[0]!);
  const [event] = (await once(socket, 'error')) as [Event];
  expect(event.type).toBe('error');
});
