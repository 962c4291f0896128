import { randomUUID } from 'node:crypto';
import { connect, createAdmin, createDueReads, createReads, type Database } from '@longshore/db';
import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { eventually, startTcpProxy, type TcpProxy, targetAt, useApi } from '@longshore/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startLossyProxy } from '../end-to-end/lossy-proxy.ts';
import { startLoggedApi } from './start-logged-api.ts';

const api = useApi();
let proxy: TcpProxy;
/** Connections that were tried so far. */
let tried = 0;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  tried = 0;
  proxy = await startTcpProxy({
    pickTarget: () => {
      tried += 1;
      return targetAt(api.database.apiUrl);
    },
  });
  ends.push(proxy.close);
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** An API process whose way to the database leads through the proxy. */
const startBehindProxy = async () => {
  const far = await startLoggedApi({ DATABASE_URL: proxy.through(api.database.apiUrl) });
  ends.push(far.close);
  await eventually(async () => (await far.readiness()).listener === 'attached');
  return far;
};

test('B-15: while the database is away a process neither tries nor complains in a hot loop', async () => {
  const far = await startBehindProxy();
  const [linesBefore, triesBefore, sinceMs] = [far.lines.length, tried, performance.now()];
  const lift = proxy.cut();
  await eventually(() => tried - triesBefore >= 12, { timeoutMs: 60_000 });
  const [lines, tries] = [far.lines.length - linesBefore, tried - triesBefore];
  const seconds = (performance.now() - sinceMs) / 1_000;

  // Four duties, the listener and what was idle in the pool begin at once; then the listener tries at most twice a second.
  expect(tries).toBeLessThanOrEqual(20 + 3 * seconds);
  expect(lines).toBeLessThanOrEqual(10 + 3 * seconds);
  expect(await far.readiness()).toMatchObject({ httpStatus: 503 });
  lift();
  await eventually(async () => (await far.readiness()).listener === 'attached', { timeoutMs: 30_000 });
  expect(await far.readiness()).toMatchObject({ httpStatus: 200 });
});

test('B-09: a result that could not be stored is told until it is, and the job ends once', async () => {
  const double = defineJob({ kind: 'double', payload: z.number(), result: z.number() });
  const far = await startBehindProxy();
  let refusals = 0;
  let lift = (): void => {};
  const middle = await startLossyProxy(far.url, ({ procedure, body }) => {
    if (procedure === 'worker.complete' && body.includes('UNAVAILABLE')) refusals += 1;
    return 'deliver';
  });
  ends.push(middle.close);
  const worker = createWorker({
    url: middle.url,
    apiKey: api.keys.worker,
    leaseSeconds: 60,
    handlers: [
      double.handler((n) => {
        lift = proxy.cut();
        return 2 * n;
      }),
    ],
  });
  ends.push(() => worker.forceStop());
  await worker.start();
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const { id } = await client.submit(double, 21);

  await eventually(() => refusals >= 2, { timeoutMs: 30_000 });
  expect(await client.get(id)).toMatchObject({ state: 'running', attempt: 1 });
  lift();

  expect(await client.wait(double, id, { timeoutSeconds: 30 })).toBe(42);
  expect(await client.get(id)).toMatchObject({ attempt: 1, rescues: 0, attempts: [] });
  expect(await api.database.query('select from longshore.finished_jobs where id = $1', [id])).toHaveLength(1);
});

test('B-18: what is asked over a connection that swallows everything ends, and the next goes over another', async () => {
  const ways: ((db: Database) => Promise<unknown>)[] = [
    (db) => createDueReads(db).dueJobs(1),
    (db) => createReads(db).stats(api.orgId),
    (db) => createAdmin(db).registerWorker(api.orgId, { name: randomUUID() }),
  ];
  const tries = ways.map((way) => {
    const db = connect({ url: proxy.through(api.database.apiUrl), poolSize: 1, statementTimeoutMs: 500 });
    ends.push(db.close);
    return () => way(db);
  });
  await Promise.all(tries.map((ask) => ask()));
  const open = proxy.links();
  expect(open).toHaveLength(tries.length);
  proxy.impose({ stalls: 'both', concerns: (link) => open.includes(link) });

  const asked = await Promise.allSettled(tries.map((ask) => ask()));
  expect(asked).toMatchObject(ways.map(() => ({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })));
  await Promise.all(tries.map((ask) => eventually(ask)));
});
