import { createClient, createWorker, defineJob, type JobWatchEvent, type Worker } from '@longshore/sdk';
import { type Gate, gate, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const workers: Worker[] = [];
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));

const print = defineJob({
  kind: 'print',
  payload: z.object({ lines: z.number() }),
  result: z.string(),
  progress: z.object({ done: z.number() }),
});

/** A worker whose jobs end when the gate opens. */
const startPrinter = async (open?: Gate<void>): Promise<void> => {
  const worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    handlers: [
      print.handler(async ({ lines }, { progress, log, write }) => {
        for (let line = 1; line <= lines; line++) {
          log(`line ${line}`);
          write('a piece, ');
          write('another\n');
          log(`error ${line}`, 'stderr');
          progress({ done: line });
        }
        await open?.opened;
        return 'printed';
      }),
    ],
  });
  workers.push(worker);
  await worker.start();
};

const connect = (streams: 'sse' | 'websocket' = 'sse') =>
  createClient({ url: api.url, apiKey: api.keys.submit, streams });

const readAll = async <Event>(events: AsyncIterable<Event>): Promise<Event[]> => {
  const read: Event[] = [];
  for await (const event of events) read.push(event);
  return read;
};

const linesOf = (events: JobWatchEvent<unknown, unknown, unknown>[]) =>
  events.flatMap((event) => (event.type === 'output' ? event.lines : []));

test('a watch tells state, progress and all output in order, and ends with the final state', async () => {
  const client = connect();
  const handle = await client.submit(print, { lines: 20 });
  const watching = readAll(client.watch(handle));
  await startPrinter();
  const events = await watching;

  expect(events[0]).toMatchObject({ type: 'state' });
  const last = events.at(-1)!;
  expect(last).toMatchObject({
    type: 'state',
    job: { state: 'completed', result: 'printed', payload: { lines: 20 } },
  });
  const lines = linesOf(events);
  expect(lines.map(({ id }) => id)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual(
    Array.from({ length: 20 }, (_, index) => [
      `log line ${index + 1}`,
      'data a piece, another\n',
      `stderr error ${index + 1}`,
    ]).flat(),
  );
  expect(await client.outputText(handle.id)).toBe(
    Array.from({ length: 20 }, (_, n) => `line ${n + 1}\na piece, another\nerror ${n + 1}\n`).join(''),
  );
});

test('a watch over WebSocket tells the same', async () => {
  const client = connect('websocket');
  const handle = await client.submit(print, { lines: 20 });
  const watching = readAll(client.watch(handle));
  await startPrinter();
  const events = await watching;
  expect(events.at(-1)).toMatchObject({ type: 'state', job: { state: 'completed', result: 'printed' } });
  const lines = linesOf(events);
  expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
});

test('the progress of a running job is told as it comes, the newest value last, typed by the definition', async () => {
  const open = gate();
  await startPrinter(open);
  const client = connect();
  const handle = await client.submit(print, { lines: 50 });
  const seen: number[] = [];
  for await (const event of client.watch(handle)) {
    if (event.type !== 'progress') continue;
    seen.push(event.progress.done);
    if (event.progress.done === 50) break;
  }
  open.open();
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  expect(new Set(seen).size).toBe(seen.length);
});

test.each(['sse', 'websocket'] as const)(
  'a watch that goes on behind an event over %s tells nothing twice and leaves nothing out',
  async (streams) => {
    await startPrinter();
    const client = connect(streams);
    const handle = await client.submit(print, { lines: 300 });
    await handle.wait();
    const events = [];
    let lastEventId: string | undefined;
    // One event a connection.
    for (let isOver = false; !isOver; ) {
      isOver = true;
      for await (const event of client.watch(handle, { lastEventId })) {
        events.push(event);
        lastEventId = event.id;
        isOver = false;
        break;
      }
    }
    expect(linesOf(events).map(({ id }) => id)).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'state')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'state', job: { state: 'completed' } });
  },
);

test('a watch tells of a job that another process changes, and of one that nobody runs', async () => {
  const other = await api.startSecondApi();
  const client = connect();
  const handle = await client.submit(print, { lines: 1 });
  const states: string[] = [];
  for await (const event of client.watch(handle.id)) {
    if (event.type !== 'state') continue;
    states.push(event.job.state);
    if (event.job.state === 'available')
      await createClient({ url: other.url, apiKey: api.keys.submit }).cancel(handle.id, {
        reason: 'no need',
      });
  }
  expect(states).toEqual(['available', 'cancelled']);
});

test('jobs of other orgs, and jobs that are not there, are NOT_FOUND', async () => {
  const { keys } = await api.addOrg('watch-strangers');
  const { id } = await connect().submit(print, { lines: 1 });
  for (const streams of ['sse', 'websocket'] as const) {
    const stranger = createClient({ url: api.url, apiKey: keys.submit, streams });
    await expect(readAll(stranger.watch(id))).rejects.toMatchObject({ code: 'NOT_FOUND', field: 'id' });
    await expect(readAll(connect(streams).watch(crypto.randomUUID()))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(readAll(stranger.watchBatch('nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('a watch takes a key that may read jobs, and an id that is its own', async () => {
  const { id } = await connect().submit(print, { lines: 1 });
  for (const streams of ['sse', 'websocket'] as const) {
    const worker = createClient({ url: api.url, apiKey: api.keys.worker, streams });
    await expect(readAll(worker.watch(id))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const nobody = createClient({ url: api.url, apiKey: 'lsh_submit_wrong', streams });
    await expect(readAll(nobody.watch(id))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(readAll(connect(streams).watch(id, { lastEventId: 'what' }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'lastEventId',
    });
  }
});

test('leaving the loop and aborting the signal end the watch', async () => {
  for (const streams of ['sse', 'websocket'] as const) {
    const client = connect(streams);
    const { id } = await client.submit(print, { lines: 1 }, { delaySeconds: 600 });
    const caller = new AbortController();
    const seen = [];
    for await (const event of client.watch(id, { signal: caller.signal })) {
      seen.push(event);
      caller.abort();
    }
    expect(seen).toHaveLength(1);
    for await (const event of client.watch(id)) {
      expect(event).toMatchObject({ type: 'state', job: { state: 'scheduled' } });
      break;
    }
  }
});

test('a batch and a queue are told whenever they changed, and a batch to its end', async () => {
  const client = connect();
  const options = { batchId: 'prints', queue: 'prints' };
  await client.submitMany([1, 2, 3].map((lines) => print.request({ lines }, options)));
  const watchingBatch = readAll(client.watchBatch('prints'));
  const counts = [];
  for await (const { available, running } of client.watchQueue('prints')) {
    counts.push(available + running);
    if (counts.length === 1) await startPrinter();
    if (available + running === 0) break;
  }
  expect(counts[0]).toBe(3);
  const batch = await watchingBatch;
  expect(batch.at(-1)).toMatchObject({ batchId: 'prints', total: 3, isDone: true });
  expect(batch.filter(({ isDone }) => isDone)).toHaveLength(1);
});
