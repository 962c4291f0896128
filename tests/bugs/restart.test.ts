import { connect, createDueReads } from '@longshore/db';
import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { eventually, gate } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Actor, createActor } from '../races/actor.ts';
import { useOwnServer } from './own-server.ts';
import { startLoggedApi } from './start-logged-api.ts';
import { makeStuckJobs, readState, type StuckJobs } from './stuck-jobs.ts';

const server = useOwnServer();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('B-25: a restart amid every routine of the background leaves each of them to be run again', {
  timeout: 120_000,
}, async () => {
  const { database } = server;
  const stuck = await makeStuckJobs(database);
  const routines = routinesFor(stuck);
  const holder = await database.connect();
  await holder.query('begin');
  // Rows can be locked, none can be changed: each routine stops after its look, at its first write.
  await holder.query('lock table longshore.jobs in share mode');
  const actors = await Promise.all(routines.map(() => addActor(stuck.orgId)));
  const before = await statesOf(stuck);
  const ended = Promise.allSettled(routines.map((run, place) => run(actors[place]!)));
  await eventually(
    async () =>
      (
        await database.query('select from pg_locks where pid = any ($1) and not granted', [
          actors.map(({ pid }) => pid),
        ])
      ).length === routines.length,
  );

  await server.restartImmediately();
  expect((await ended).map(({ status }) => status)).toEqual(routines.map(() => 'rejected'));
  expect(await eventually(() => statesOf(stuck))).toEqual(before);

  const again = await addActor(stuck.orgId);
  for (const run of routines) expect(await run(again)).toBe(1);
  expect(await statesOf(stuck)).toEqual(Object.values(stuck.jobs).map(({ movesTo }) => movesTo));
});

test('B-16: while the database is a standby the API and its worker wait, and once it is promoted every job is done', {
  timeout: 120_000,
}, async () => {
  const hold = defineJob({ kind: 'hold', payload: z.number(), result: z.number() });
  const api = await startLoggedApi({ DATABASE_URL: server.database.apiUrl });
  ends.push(api.close);
  const [started, letGo] = [gate(), gate()];
  const worker = createWorker({
    url: api.url,
    apiKey: server.keys.worker,
    leaseSeconds: 120,
    handlers: [
      hold.handler(async (n) => {
        started.open();
        await letGo.opened;
        return n;
      }),
    ],
  });
  ends.push(() => worker.forceStop());
  await worker.start();
  const client = createClient({ url: api.url, apiKey: server.keys.submit });
  const first = await client.submit(hold, 1);
  await started.opened;

  const standby = await server.restartAsStandby();
  letGo.open();
  const second = client.submit(hold, 2);
  await eventually(() => api.lines.some((line) => line.includes('"listener"') && line.includes('25006')), {
    timeoutMs: 30_000,
  });
  expect(await client.get(first.id)).toMatchObject({ state: 'running' });
  await expect(askForDeadSessions()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await api.readiness()).toMatchObject({
    httpStatus: 503,
    message: 'the database is a standby: nothing can be written to it',
  });
  await standby.promote();

  expect(await first.wait({ timeoutSeconds: 60 })).toBe(1);
  expect(await (await second).wait({ timeoutSeconds: 60 })).toBe(2);
  expect(await client.get(first.id)).toMatchObject({ attempt: 1, rescues: 0, attempts: [] });
  await eventually(async () => (await api.readiness()).listener === 'attached');
});

/** What a process believes while the database can be read and no heartbeat be stored. */
const askForDeadSessions = async (): Promise<unknown> => {
  const db = connect({ url: server.database.apiUrl, poolSize: 1 });
  return createDueReads(db).deadSessions(10).finally(db.close);
};

const addActor = async (orgId: number): Promise<Actor> => createActor(await server.database.connect(), orgId);

/** In the order of `stuck.jobs`; each answers how much it did. */
const routinesFor = ({ jobs, deadSessionId }: StuckJobs): ((actor: Actor) => Promise<number>)[] => [
  (actor) => actor.promote([jobs.due_jobs.id]),
  (actor) => actor.rescue([deadSessionId]),
  (actor) => actor.timeOut(),
  (actor) => actor.unblock(),
];

const statesOf = ({ jobs }: StuckJobs) =>
  Promise.all(Object.values(jobs).map(({ id }) => readState(server.database, id)));
