import { type BuiltInMessage, type JsonValue, uuidV7 } from '@longshore/contract';
import {
  createAdminClient,
  createApiClient,
  createClient,
  createWorker,
  defineJob,
  LongshoreError,
  message,
  type Worker,
  type WorkerOptions,
} from '@longshore/sdk';
import { eventually, type Gate, gate, useApi } from '@longshore/test-kit';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const work = defineJob({ kind: 'work', payload: z.null() });
let worker: Worker;

afterEach(() => worker?.forceStop());

const admin = () => createAdminClient({ url: api.url, apiKey: api.keys.admin });
const client = () => createClient({ url: api.url, apiKey: api.keys.submit });

/** So long a lease that no regular heartbeat comes within a test. */
const startWorker = async (options: Partial<WorkerOptions> = {}): Promise<string> => {
  const opened = gate<string>();
  worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    leaseSeconds: 3_600,
    handlers: [work.handler(() => null)],
    ...options,
  });
  worker.on('sessionOpened', ({ sessionId }) => opened.open(sessionId));
  await worker.start();
  return opened.opened;
};

/** Jobs that run until their gate opens; `started` opens with each. */
const gatedWork = (started: Gate<void>[], goOn: Gate<void>) =>
  work.handler(async () => {
    started.shift()?.open();
    await goOn.opened;
    return null;
  });

const sessionOf = async (sessionId: string) => {
  const [session] = await api.database.query<{ is_draining: boolean; concurrency: number }>(
    'select is_draining, concurrency from longshore.worker_sessions where id = $1',
    [sessionId],
  );
  return session!;
};

describe('messages to workers', () => {
  test('are handled between two heartbeats by what the worker registered, and the reply comes back', async () => {
    const clear = message(
      { input: z.object({ name: z.string() }), reply: z.object({ cleared: z.number() }) },
      ({ name }, { id }) => ({ cleared: name.length + id.length }),
    );
    const sessionId = await startWorker({ messages: { 'cache.clear': clear } });

    const replies = await admin().workers.request({
      to: { sessionId },
      type: 'cache.clear',
      body: { name: 'abc' },
    });

    expect(replies).toEqual([expect.objectContaining({ sessionId, reply: { cleared: 39 } })]);
    expect(await admin().workers.messages([replies[0]!.messageId])).toMatchObject([
      { type: 'cache.clear', state: 'done', reply: { cleared: 39 }, error: null },
    ]);
  });

  test('that a handler throws on, that its schema refuses, or that nobody handles, come back as failed', async () => {
    const handlers = {
      throws: message({ input: z.null() }, () => {
        throw new Error('no such cache');
      }),
      picky: message({ input: z.object({ n: z.number() }) }, () => null),
    };
    const sessionId = await startWorker({ messages: handlers });
    const ask = (type: string, body: null = null) =>
      admin().workers.request({ to: { sessionId }, type, body });

    await expect(ask('throws')).rejects.toMatchObject({ code: 'INVALID_STATE', message: 'no such cache' });
    await expect(ask('picky')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('expected object'),
    });
    await expect(ask('unheard.of')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('unheard.of'),
    });
  });

  test('reach those that have the capability, serve the kind or are named, and no others', async () => {
    const sessionId = await startWorker({ capabilities: ['gpu'] });
    const { worker: other } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId: otherId } = await other.openSession({ kinds: ['elsewhere'] });
    const send = async (to: Parameters<ReturnType<typeof admin>['workers']['send']>[0]['to']) =>
      (await admin().workers.send({ to, type: 'resume' })).map((sent) => sent.sessionId).toSorted();

    expect(await send({ capability: 'gpu' })).toEqual([sessionId]);
    expect(await send({ kind: 'elsewhere' })).toEqual([otherId]);
    expect(await send({ all: true })).toEqual([sessionId, otherId].toSorted());
    expect(await send({ kind: 'nobody' })).toEqual([]);
    await other.closeSession({ sessionId: otherId });
    await expect(send({ sessionId: otherId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are told until they are acknowledged, and handled once however often they are told', async () => {
    const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId } = await raw.openSession({ kinds: ['work'] });
    const [sent] = await admin().workers.send({ to: { sessionId }, type: 'cache.clear', body: [1] });
    const beat = async () => (await raw.heartbeat({ sessionId, held: [] })).messages;
    const told = [{ id: sent!.id, type: 'cache.clear', body: [1] }];

    expect(await beat()).toEqual(told);
    expect(await beat()).toEqual(told);
    await raw.acknowledge({ sessionId, items: [{ messageId: sent!.id, reply: 'first' }] });
    await raw.acknowledge({ sessionId, items: [{ messageId: sent!.id, reply: 'second' }] });

    expect(await beat()).toEqual([]);
    expect(await admin().workers.messages([sent!.id])).toMatchObject([{ state: 'done', reply: 'first' }]);
    await raw.closeSession({ sessionId });
  });

  test('that every worker understands are told before a page of others that wait for slow handlers', async () => {
    const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId } = await raw.openSession({ kinds: ['work'] });
    const send = (type: string, body: JsonValue = null) =>
      admin().workers.send({ to: { sessionId }, type, body });
    for (let slow = 0; slow < 40; slow++) await send('cache.clear');
    const bodies: Record<BuiltInMessage, JsonValue> = {
      drain: null,
      resume: null,
      setConcurrency: { concurrency: 1 },
      cancel: { jobIds: [uuidV7()] },
      logLevel: { level: 'warn' },
    };
    for (const [type, body] of Object.entries(bodies)) await send(type, body);

    const told = (await raw.heartbeat({ sessionId, held: [] })).messages.map(({ type }) => type);
    expect(told.slice(0, 6)).toEqual([...Object.keys(bodies), 'cache.clear']);
    await raw.closeSession({ sessionId });
  });

  test('sent while the worker is away arrive when it is back in its session, and expire otherwise', async () => {
    const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId } = await raw.openSession({ kinds: ['work'] });
    const send = (expiresInSeconds: number) =>
      admin().workers.send({ to: { sessionId }, type: 'note', expiresInSeconds });
    const [late] = await send(1);
    const [kept] = await send(60);
    const stateOf = async (id: string) => (await admin().workers.messages([id]))[0]!.state;
    await eventually(async () => (await stateOf(late!.id)) === 'expired');

    expect((await raw.heartbeat({ sessionId, held: [] })).messages.map(({ id }) => id)).toEqual([kept!.id]);

    await raw.closeSession({ sessionId });
    expect(await stateOf(kept!.id)).toBe('expired');
  });

  test('of a session are seen and acknowledged by no other worker, of the org or not', async () => {
    const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId } = await raw.openSession({ kinds: ['work'] });
    const [sent] = await admin().workers.send({ to: { sessionId }, type: 'secret' });
    const neighbour = await admin().workers.register({ name: 'neighbour' });
    const stranger = await api.addOrg('strangers');

    for (const apiKey of [neighbour.apiKey, stranger.keys.worker]) {
      const { worker: other } = createApiClient({ url: api.url, apiKey });
      const own = await other.openSession({ kinds: ['work'] });
      const refused = { code: 'SESSION_LOST' };
      await expect(other.listen({ sessionId })).rejects.toMatchObject(refused);
      await expect(other.heartbeat({ sessionId, held: [] })).rejects.toMatchObject(refused);
      const items = [{ messageId: sent!.id, reply: 'not mine' }];
      await expect(other.acknowledge({ sessionId, items })).rejects.toMatchObject(refused);
      await other.acknowledge({ sessionId: own.sessionId, items });
      expect((await other.heartbeat({ sessionId: own.sessionId, held: [] })).messages).toEqual([]);
      await other.closeSession({ sessionId: own.sessionId });
    }
    const strangeAdmin = createAdminClient({ url: api.url, apiKey: stranger.keys.admin });
    expect(await strangeAdmin.workers.messages([sent!.id])).toEqual([]);
    expect(await admin().workers.messages([sent!.id])).toMatchObject([{ state: 'waiting', reply: null }]);
    await raw.closeSession({ sessionId });
  });

  test('are refused beyond a thousand that wait in one session, and beyond their size', async () => {
    const { worker: raw } = createApiClient({ url: api.url, apiKey: api.keys.worker });
    const { sessionId } = await raw.openSession({ kinds: ['work'] });
    const send = (body: string) => admin().workers.send({ to: { sessionId }, type: 'note', body });
    await send('first');
    await api.database.query(
      `insert into longshore.worker_messages (org_id, id, session_id, worker_id, direction, type, body, created_at, expires_at)
       select org_id, longshore.uuid_v7(created_at), session_id, worker_id, direction, type, body, created_at, expires_at
       from longshore.worker_messages, generate_series(2, 1000) where session_id = $1`,
      [sessionId],
    );

    await expect(send('one too many')).rejects.toMatchObject({ code: 'INVALID_STATE', field: 'to' });
    await expect(send('x'.repeat(17_000))).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
    await raw.closeSession({ sessionId });
  });

  test('are sent by admins alone, and each send is one row of the audit log without its body', async () => {
    const sessionId = await startWorker();
    const input = { to: { sessionId }, type: 'logLevel', body: { level: 'debug' } };
    for (const apiKey of [api.keys.submit, api.keys.worker, api.keys.operator]) {
      await expect(createAdminClient({ url: api.url, apiKey }).workers.send(input)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    await admin().workers.request(input);
    expect((await admin().audit.list({ action: 'workers.send', limit: 1 })).entries).toMatchObject([
      { target: sessionId, after: { to: { sessionId }, type: 'logLevel', messages: 1 } },
    ]);
  });
});

describe('what every worker understands', () => {
  test('a drained worker finishes what it runs, claims nothing more, says so, and claims again when it is resumed', async () => {
    const [started, goOn] = [gate(), gate()];
    const sessionId = await startWorker({ handlers: [gatedWork([started], goOn)] });
    const running = await client().submit(work, null);
    await started.opened;

    await admin().workers.request({ to: { sessionId }, type: 'drain' });
    await eventually(async () => (await sessionOf(sessionId)).is_draining);
    const waiting = await client().submit(work, null);
    goOn.open();
    expect(await running.wait({ timeoutSeconds: 30 })).toBeNull();
    expect((await client().get(waiting.id)).state).toBe('available');

    await admin().workers.request({ to: { sessionId }, type: 'resume' });
    expect(await waiting.wait({ timeoutSeconds: 30 })).toBeNull();
    await eventually(async () => !(await sessionOf(sessionId)).is_draining);
  });

  test('a worker runs as many handlers at the same time as it was told to, from then on', async () => {
    const [goOn, first, second] = [gate(), gate(), gate()];
    const handlers = [gatedWork([first, second], goOn)];
    const sessionId = await startWorker({ handlers, concurrency: 1, prefetch: 0 });
    const handles = [await client().submit(work, null)];
    await first.opened;
    handles.push(await client().submit(work, null));

    await admin().workers.request({ to: { sessionId }, type: 'setConcurrency', body: { concurrency: 2 } });

    await second.opened;
    await eventually(async () => (await sessionOf(sessionId)).concurrency === 2);
    goOn.open();
    await Promise.all(handles.map((handle) => handle.wait({ timeoutSeconds: 30 })));
  });

  test('cancel ends the jobs it names where they run, and leaves those of other workers alone', async () => {
    const started = gate();
    const handler = work.handler(async (_, { signal }) => {
      started.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    const sessionId = await startWorker({ handlers: [handler], concurrency: 1, prefetch: 0 });
    const running = await client().submit(work, null);
    await started.opened;
    const elsewhere = await client().submit(work, null, { delaySeconds: 1_000 });

    const jobIds = [running.id, elsewhere.id];
    await admin().workers.request({ to: { sessionId }, type: 'cancel', body: { jobIds } });

    await expect(running.wait({ timeoutSeconds: 30 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    expect((await client().get(elsewhere.id)).state).toBe('scheduled');
  });

  test('logLevel comes as an event', async () => {
    const heard = gate<string>();
    const sessionId = await startWorker();
    worker.on('logLevel', ({ level }) => heard.open(level));
    await admin().workers.send({ to: { sessionId }, type: 'logLevel', body: { level: 'debug' } });
    expect(await heard.opened).toBe('debug');
  });

  test('what makes no sense is refused before it is sent', async () => {
    const send = (type: string, body: object) =>
      admin().workers.send({ to: { all: true }, type, body: body as never });
    const refused = { code: 'INVALID_INPUT' };
    await expect(send('setConcurrency', { concurrency: 0 })).rejects.toMatchObject(refused);
    await expect(send('logLevel', { level: 'loud' })).rejects.toMatchObject(refused);
    await expect(send('cancel', { jobIds: [] })).rejects.toMatchObject(refused);
    expect(() =>
      createWorker({ url: api.url, apiKey: 'x', handlers: [], messages: { drain: null as never } }),
    ).toThrow(LongshoreError);
  });
});
