import { uuidV7 } from '@longshore/contract';
import { createApiClient, createClient, defineJob, type JobWatchEvent } from '@longshore/sdk';
import { gate, startTcpProxy, type TcpProxy, targetAt, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openScene } from './scene.ts';

const api = useApi();
let proxy: TcpProxy | undefined;
afterEach(() => proxy?.close());

const kinds = ['sse', 'websocket'] as const;

/** A client that reaches one url after the other, with every new connection the next. */
const connectThrough = async (urls: () => string[], streams: (typeof kinds)[number]) => {
  let connections = 0;
  const line = await startTcpProxy({ pickTarget: () => targetAt(urls()[connections++ % urls().length]!) });
  proxy = line;
  const client = createClient({ url: line.through(api.url), apiKey: api.keys.submit, streams });
  const cut = (): void => {
    for (const link of line.links()) link.reset();
  };
  return { client, cut, line, countConnections: () => connections };
};

const batches = 60;
const linesABatch = 25;

/** A running job, and what writes its output in so many reports and then completes it. */
const openWriter = async () => {
  const { worker, claim } = await openScene(api);
  const [job] = await claim(1);
  const held = { id: job!.id, leaseToken: job!.leaseToken };
  const write = async (from: number, to: number): Promise<void> => {
    for (let batch = from; batch < to; batch++) {
      const output = Array.from({ length: linesABatch }, (_, n) => ({
        stream: 'stdout' as const,
        text: `line ${batch * linesABatch + n + 1}`,
      }));
      await worker.report({ items: [{ ...held, progress: batch, output }] });
    }
  };
  return { id: job!.id, write, complete: () => worker.complete({ items: [{ ...held, result: 'done' }] }) };
};

const expectWhole = (events: (JobWatchEvent & { id: string })[]): void => {
  const lines = events.flatMap((event) => (event.type === 'output' ? event.lines : []));
  const numbers = Array.from({ length: batches * linesABatch }, (_, n) => n + 1);
  expect(lines.map(({ id }) => id)).toEqual(numbers);
  expect(lines.map(({ text }) => text)).toEqual(numbers.map((number) => `line ${number}`));
  const progress = events.flatMap((event) => (event.type === 'progress' ? [event.progress as number] : []));
  expect(progress).toEqual([...new Set(progress)].sort((one, other) => one - other));
  const states = events.flatMap((event) => (event.type === 'state' ? [event.job.state] : []));
  expect(states).toEqual(['running', 'completed']);
  expect(events.at(-1)).toMatchObject({ job: { state: 'completed', result: 'done' } });
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
};

test.each(kinds)(
  'a watch over %s that is cut again and again, and answered by another process each time, has no gap and no duplicate',
  async (streams) => {
    const other = await api.startSecondApi();
    const { client, cut, countConnections } = await connectThrough(() => [api.url, other.url], streams);
    const { id, write, complete } = await openWriter();
    await write(0, 4);
    const events = [];
    let written = 4;
    for await (const event of client.watch(id)) {
      events.push(event);
      if (written === batches || event.type !== 'output') continue;
      await write(written, written + 4);
      written += 4;
      if (written === batches) await complete();
      cut();
    }
    expectWhole(events);
    expect(countConnections()).toBeGreaterThan(4);
  },
);

test.each(kinds)('a watch over %s goes on when its process restarts', async (streams) => {
  const { client } = await connectThrough(() => [api.url], streams);
  const { id, write, complete } = await openWriter();
  await write(0, 20);
  const restarted = gate();
  const events = [];
  const rest = restarted.opened.then(async () => {
    await write(20, batches);
    await complete();
  });
  for await (const event of client.watch(id)) {
    events.push(event);
    if (restarted.isOpen || event.type !== 'output' || event.lines.at(-1)!.id < 20 * linesABatch) continue;
    void api.restart().then(() => restarted.open());
  }
  await rest;
  expectWhole(events);
});

test.each(kinds)('a watch over %s goes on elsewhere when its process closes', async (streams) => {
  const closing = await api.startSecondApi();
  let isClosed = false;
  const { client } = await connectThrough(() => [isClosed ? api.url : closing.url], streams);
  const { id, write, complete } = await openWriter();
  await write(0, 20);
  const events = [];
  let closed: Promise<void> | undefined;
  for await (const event of client.watch(id)) {
    events.push(event);
    closed ??= Promise.resolve().then(async () => {
      isClosed = true;
      await closing.close();
      await write(20, batches);
      await complete();
    });
  }
  await closed;
  expectWhole(events);
});

test.each(kinds)(
  'a watcher over %s that stops reading while much is written gets all of it when it reads on',
  async (streams) => {
    const client = createClient({ url: api.url, apiKey: api.keys.submit, streams });
    const { worker, claim } = await openScene(api);
    const [job] = await claim(1);
    const held = { id: job!.id, leaseToken: job!.leaseToken };
    const text = 'x'.repeat(16_000);
    const lines = [];
    let isWritten = false;
    for await (const event of client.watch(held.id)) {
      if (event.type === 'output') lines.push(...event.lines);
      if (isWritten) continue;
      // More than the buffers on the way hold.
      for (let batch = 0; batch < 20; batch++) {
        const output = Array.from({ length: 50 }, () => ({ stream: 'data' as const, text }));
        await worker.report({ items: [{ ...held, output, progress: batch }] });
      }
      await worker.complete({ items: [{ ...held, result: null }] });
      isWritten = true;
    }
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1));
    expect(lines.every((line) => line.text === text)).toBe(true);
  },
);

const nothing = defineJob({ kind: 'nothing', payload: z.null(), result: z.string() });

test('2,000 waits of one client are a few requests, and each gets the end of its own job', async () => {
  let requests = 0;
  const client = createClient({
    url: api.url,
    apiKey: api.keys.submit,
    fetch: (url, init) => {
      if (String(url).includes('jobs.wait')) requests += 1;
      return fetch(url, init);
    },
  });
  const half = Array.from({ length: 1_000 }, () => nothing.request(null));
  const handles = [...(await client.submitMany(half)), ...(await client.submitMany(half))];
  const waiting = Promise.all(handles.map((handle) => handle.wait()));
  const { worker } = createApiClient({ url: api.url, apiKey: api.keys.worker });
  const { sessionId } = await worker.openSession({ kinds: ['nothing'] });
  for (let done = 0; done < handles.length; ) {
    const { jobs } = await worker.claim({ sessionId, limit: 500, waitSeconds: 20 });
    await worker.complete({ items: jobs.map(({ id, leaseToken }) => ({ id, leaseToken, result: id })) });
    done += jobs.length;
  }
  expect(await waiting).toEqual(handles.map(({ id }) => id));
  expect(requests).toBeLessThan(200);
});

test('a wait for a job that is not there, or not in time, fails alone', async () => {
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const [one, other] = await client.submitMany([nothing.request(null), nothing.request(null)]);
  const outcomes = Promise.allSettled([
    one!.wait({ timeoutSeconds: 0 }),
    client.wait(nothing, uuidV7()),
    client.wait(nothing, 'no id'),
    client.wait(nothing, other!.id.toUpperCase()),
  ]);
  await client.cancel(other!.id);
  expect((await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual([
    'TIMEOUT',
    'NOT_FOUND',
    'INVALID_INPUT',
    'JOB_CANCELLED',
  ]);
});
