import { uuidV7 } from '@longshore/contract';
import { connect, createJobLifecycle, createReads, type Database } from '@longshore/db';
import { createClient, createWorker, defineJob, type Worker } from '@longshore/sdk';
import { eventually, findPgBouncer, gate, useApi, usePooler } from '@longshore/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { call } from '../processes/call.ts';

const isMissing = findPgBouncer() === undefined;
const title = isMissing
  ? 'PgBouncer in transaction mode (skipped: not installed, apt-get install pgbouncer)'
  : 'PgBouncer in transaction mode';

const double = defineJob({ kind: 'double', payload: z.number(), result: z.number(), progress: z.number() });

/** Sweeps so seldom that only a notice can bring news, or so often that none is needed. */
const ways = [
  ['with a direct connection to LISTEN on', { isListening: true, sweepSeconds: '3600' }],
  ['by polling alone', { isListening: false, sweepSeconds: '0.2' }],
] as const;

// Reporters count what is skipped and do not say why.
if (isMissing) console.warn(title);

describe.skipIf(isMissing)(title, () => {
  describe.each(ways)('%s', (_, { isListening, sweepSeconds }) => {
    const pooler = usePooler({ poolSize: 2 });
    const api = useApi({
      env: { LONGSHORE_SWEEP_SECONDS: sweepSeconds },
      reach: ({ apiUrl }) => ({
        DATABASE_URL: pooler.urlFor(apiUrl),
        LONGSHORE_LISTEN_DATABASE_URL: isListening ? apiUrl : 'off',
      }),
    });
    const workers: Worker[] = [];
    afterEach(async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.forceStop()));
    });

    test('B-45: a job that was submitted to one process lives its life on another', async () => {
      const other = await api.startSecondApi();
      await untilListener(other.url, isListening ? 'attached' : 'off');
      const [reported, seen] = [gate(), gate()];
      const worker = createWorker({
        url: other.url,
        apiKey: api.keys.worker,
        handlers: [
          double.handler(async (number, { progress }) => {
            progress(0.5);
            reported.open();
            await seen.opened;
            return number * 2;
          }),
        ],
      });
      workers.push(worker);
      await worker.start();
      const client = createClient({ url: api.url, apiKey: api.keys.submit });

      const handle = await client.submit(double, 21);
      await reported.opened;
      await eventually(async () => (await progressOf(client, handle.id)) === 0.5);
      seen.open();

      expect(await handle.wait({ timeoutSeconds: 20 })).toBe(42);
      expect(await client.list({ state: 'completed' })).toMatchObject({ jobs: [{ id: handle.id }] });
    });

    test('a transaction that locks rows of jobs keeps API processes waiting no longer than their login says', async () => {
      const { id } = await createClient({ url: api.url, apiKey: api.keys.submit }).submit(double, 1);
      const cancel = async () =>
        JSON.stringify((await call(api.url, api.keys.admin, 'jobs.cancel', { ids: [id] })).data);
      const stranger = await api.database.connect();
      await stranger.query('begin');
      await stranger.query('select from longshore.jobs where id = $1 for update', [id]);

      expect(await cancel()).toContain('"code":"UNAVAILABLE"');
      await stranger.query('rollback');
      expect(await cancel()).toContain('"state":"cancelled"');
    });
  });

  describe('with all callers on one connection', () => {
    const pooler = usePooler({ poolSize: 1 });
    const api = useApi();
    let db: Database;
    beforeAll(() => {
      db = connect({ url: pooler.urlFor(api.database.apiUrl), poolSize: 8 });
    });
    afterAll(() => db.close());

    test('B-46: two orgs in turns never see a row of each other, nor does who has entered none see any', async () => {
      const { orgId: rivalId } = await api.addOrg('rival');
      const lifecycle = createJobLifecycle(db);
      const reads = createReads(db);
      const submitted = new Map<number, string[]>();
      for (const orgId of [api.orgId, rivalId]) {
        const jobs = Array.from({ length: 20 }, () => ({ id: uuidV7(), kind: 'own', payload: null }));
        await lifecycle.submit(orgId, jobs, { isAtomic: true, createdBy: null });
        submitted.set(orgId, jobs.map(({ id }) => id).sort());
      }

      const rounds = Array.from({ length: 50 }, async () => {
        const [mine, theirs, nobodys, backend] = await Promise.all([
          reads.listJobs(api.orgId, { limit: 100 }).then(idsOf),
          reads.listJobs(rivalId, { limit: 100 }).then(idsOf),
          db.pool.query('select id from longshore.jobs').then(({ rows }) => rows),
          db.pool.query<{ pid: number }>('select pg_backend_pid() as pid').then(({ rows }) => rows[0]!),
        ]);
        return { mine, theirs, nobodys, pid: backend.pid };
      });
      const seen = await Promise.all(rounds);

      expect(new Set(seen.map(({ pid }) => pid)).size).toBe(1);
      for (const { mine, theirs, nobodys } of seen) {
        expect(mine).toEqual(submitted.get(api.orgId));
        expect(theirs).toEqual(submitted.get(rivalId));
        expect(nobodys).toEqual([]);
      }
    });

    test('B-46: nothing that was set for one caller is left for the next', async () => {
      const sessionSettings = `select name from pg_settings where source = 'session' order by name`;
      const { rows } = await db.pool.query<{ name: string }>(sessionSettings);
      // What PgBouncer itself keeps for each of its clients.
      const tracked = [
        'application_name',
        'client_encoding',
        'DateStyle',
        'standard_conforming_strings',
        'TimeZone',
      ];
      expect(rows.map(({ name }) => name).filter((name) => !tracked.includes(name))).toEqual([]);
      const { rows: left } = await db.pool.query(
        "select nullif(current_setting('longshore.org_id', true), '') as org, array(select pg_listening_channels()) as channels",
      );
      expect(left).toEqual([{ org: null, channels: [] }]);
    });
  });
});

const untilListener = (url: string, state: string) =>
  eventually(async () => {
    const readiness = (await (await fetch(`${url}/health/ready`)).json()) as { listener: string };
    return readiness.listener === state;
  });

const progressOf = async (client: ReturnType<typeof createClient>, id: string): Promise<unknown> => {
  const job = await client.get(id);
  return job.state === 'running' ? job.progress : undefined;
};

const idsOf = ({ jobs }: { jobs: { id: string }[] }): string[] => jobs.map(({ id }) => id).sort();
