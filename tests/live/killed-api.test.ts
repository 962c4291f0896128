import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createAdmin } from '@longshore/db';
import { createClient, createWorker, defineJob, type JobWatchEvent } from '@longshore/sdk';
import { eventually, startTcpProxy, targetAt, useDatabase } from '@longshore/test-kit';
import { endProcess, type ReadyProcess, spawnApi } from '@longshore/test-kit/processes';
import { expect, test } from 'vitest';
import { z } from 'zod';

/** `npm run test:live` has the sizes that the figures of this suite are about. */
const watchersCount = Number(process.env.LIVE_WATCHERS ?? 40);
const workersCount = Number(process.env.LIVE_WORKERS ?? 10);
const kills = Number(process.env.LIVE_KILLS ?? 2);
const linesEach = 40;
/** Longer than any outage here, so that no lease may be taken. */
const leaseSeconds = 60;

const database = useDatabase();

const typist = defineJob({
  kind: 'typist',
  payload: z.object({ number: z.number() }),
  result: z.number(),
  progress: z.number(),
});

const makeKeys = async () => {
  const db = connect({ url: database.url, poolSize: 1 });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  const orgId = await admin.orgIdOf('acme');
  const keys = {
    submit: (await admin.createKey(orgId, { role: 'submit', name: 'submit' })).apiKey,
    worker: (await admin.registerWorker(orgId, { name: 'worker' })).apiKey,
  };
  await db.close();
  return keys;
};

const startApi = (): Promise<ReadyProcess> =>
  spawnApi(database.apiUrl, { LONGSHORE_LISTEN_DATABASE_URL: database.listenUrl });

interface Watched {
  events: (JobWatchEvent<{ number: number }, number, number> & { id: string })[];
  lines: number;
  /** Of the last event. */
  atMs: number;
  isOver: boolean;
  ended: Promise<void>;
}

const watch = (url: string, apiKey: string, id: string, number: number): Watched => {
  const client = createClient({ url, apiKey, streams: number % 2 === 0 ? 'sse' : 'websocket' });
  const watched: Watched = { events: [], lines: 0, atMs: 0, isOver: false, ended: Promise.resolve() };
  watched.ended = (async () => {
    for await (const event of client.watch(typist, id)) {
      watched.events.push(event);
      watched.atMs = performance.now();
      if (event.type === 'output') watched.lines = event.lines.at(-1)!.id;
    }
    watched.isOver = true;
  })();
  return watched;
};

const expectWhole = ({ events }: Watched, number: number): void => {
  const lines = events.flatMap((event) => (event.type === 'output' ? event.lines : []));
  expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: linesEach }, (_, n) => n + 1));
  expect(lines.map(({ text }) => text)).toEqual(
    Array.from({ length: linesEach }, (_, n) => `job ${number} line ${n + 1}`),
  );
  const states = events.flatMap((event) => (event.type === 'state' ? [event.job.state] : []));
  expect(states.slice(-1)).toEqual(['completed']);
  expect(new Set(states).size).toBe(states.length);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const last = events.at(-1)!;
  expect(last).toMatchObject({ type: 'state', job: { result: number } });
};

test('an API that is killed under watchers and workers loses nobody: no gap, no duplicate, no job and no lease', async () => {
  const keys = await makeKeys();
  let api: ReadyProcess | undefined = await startApi();
  const line = await startTcpProxy({ pickTarget: () => api && targetAt(api.match) });
  const url = line.through(api.match).replace(/\/$/, '');

  const workers = Array.from({ length: workersCount }, () =>
    createWorker({
      url,
      apiKey: keys.worker,
      leaseSeconds,
      concurrency: Math.ceil(watchersCount / workersCount),
      handlers: [
        typist.handler(async ({ number }, { log, progress }) => {
          for (let n = 1; n <= linesEach; n++) {
            log(`job ${number} line ${n}`);
            progress(n);
            await delay(250);
          }
          return number;
        }),
      ],
    }),
  );
  await Promise.all(workers.map((worker) => worker.start()));
  const client = createClient({ url, apiKey: keys.submit });
  const handles = await client.submitMany(
    Array.from({ length: watchersCount }, (_, number) => typist.request({ number })),
  );
  const watched = handles.map(({ id }, number) => watch(url, keys.submit, id, number));

  const backMs: number[] = [];
  for (let killed = 1; killed <= kills; killed++) {
    const areAllUnderWay = () => watched.every(({ lines }) => lines >= killed * 8);
    await eventually(areAllUnderWay, { timeoutMs: 60_000 });
    const gone = once(api.child, 'exit');
    api.child.kill('SIGKILL');
    api = undefined;
    await gone;
    api = await startApi();
    const upAtMs = performance.now();
    await eventually(() => watched.every(({ isOver, atMs }) => isOver || atMs > upAtMs), {
      timeoutMs: 60_000,
    });
    backMs.push(Math.round(performance.now() - upAtMs));
  }
  await Promise.all(watched.map(({ ended }) => ended));
  await Promise.all(workers.map((worker) => worker.stop()));
  await endProcess(api!.child);
  await line.close();

  watched.forEach(expectWhole);
  const rows = await database.query<{ rescues: number; epoch: number; attempts: unknown; state: string }>(
    'select state, epoch, rescues, attempts from longshore.finished_jobs',
  );
  expect(rows).toHaveLength(watchersCount);
  for (const row of rows) expect(row).toEqual({ state: 'completed', epoch: 1, rescues: 0, attempts: null });
  console.log(
    `${watchersCount} watchers and ${workersCount} workers, ${kills} kills: last one back after ${backMs.join(', ')} ms`,
  );
});
