import { createClient, createWorker, defineJob, type Worker } from '@longshore/sdk';
import { eventually, startTcpProxy, targetAt, useApi } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startLoggedApi } from './start-logged-api.ts';

const api = useApi();
const double = defineJob({ kind: 'double', payload: z.number(), result: z.number() });
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Another process of the API, to which the worker goes; the submits go to the first. */
const startFar = async (env: Record<string, string>) => {
  const far = await startLoggedApi({ DATABASE_URL: api.database.apiUrl, ...env });
  ends.push(far.close);
  return far;
};
const startWorker = async (url: string): Promise<Worker> => {
  const worker = createWorker({ url, apiKey: api.keys.worker, handlers: [double.handler((n) => 2 * n)] });
  ends.push(() => worker.forceStop());
  await worker.start();
  return worker;
};
const submitNear = (n: number) => createClient({ url: api.url, apiKey: api.keys.submit }).submit(double, n);

test('B-17: once every connection was lost, what one process takes in is handed out by another at once again', async () => {
  const far = await startFar({ LONGSHORE_SWEEP_SECONDS: '3600' });
  await startWorker(far.url);
  await eventually(async () => (await pidsOfListeners()).length === 2);
  const lost = await pidsOfListeners();
  await api.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name in ('longshore-api', 'longshore-listen') and datname = current_database()`,
  );
  await eventually(async () => (await pidsOfListeners()).filter((pid) => !lost.includes(pid)).length === 2, {
    timeoutMs: 30_000,
  });
  await eventually(async () => (await far.readiness()).listener === 'attached');

  // A sweep comes in an hour and a claim that found nothing comes back after half a minute.
  for (let n = 0; n < 5; n++) {
    const handle = await submitNear(n);
    expect(await handle.wait({ timeoutSeconds: 20 })).toBe(2 * n);
  }
});

test('B-60: where LISTEN itself fails, jobs are found by polling, the trouble is told, and LISTEN is tried again', async () => {
  let isBroken = true;
  const proxy = await startTcpProxy({
    pickTarget: () => targetAt(api.database.apiUrl),
    intercept: (sent) =>
      isBroken && sent.includes('listen longshore') ? transactionStatusIsGone : undefined,
  });
  ends.push(proxy.close);
  const far = await startFar({
    LONGSHORE_LISTEN_DATABASE_URL: proxy.through(api.database.apiUrl),
    LONGSHORE_SWEEP_SECONDS: '1',
  });
  await startWorker(far.url);

  expect(await (await submitNear(21)).wait({ timeoutSeconds: 30 })).toBe(42);
  expect(await far.readiness()).toEqual({ httpStatus: 200, listener: 'detached' });
  expect(far.lines.some((line) => line.includes('"listener"') && line.includes('58P01'))).toBe(true);

  isBroken = false;
  await eventually(async () => (await far.readiness()).listener === 'attached');
});

const pidsOfListeners = async (): Promise<number[]> => {
  const rows = await api.database.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'longshore-listen' and datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
};

/** What PostgreSQL before its fix of November 2025 could answer to LISTEN: an error, then that it is ready again. */
const transactionStatusIsGone = (() => {
  const fields = Buffer.from('SERROR\0VERROR\0C58P01\0Mcould not access status of transaction 1\0\0');
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from('E'), length, fields, Buffer.from('Z\0\0\0\x05I')]);
})();
