import { uuidV7 } from '@longshore/contract';
import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startLoggedApi } from './start-logged-api.ts';
import { makeStuckJobs, untilMoved } from './stuck-jobs.ts';

const api = useApi();
const sound = defineJob({ kind: 'sound', payload: z.number(), result: z.number() });
const lease = { lease_token: uuidV7(), session_id: uuidV7(), started_at: '2020-01-01T00:00:00Z' };

/** Rows of `jobs` that no verb makes, by what is wrong with them. */
const illegal: Record<string, object> = {
  'running without a lease': { state: 'running' },
  'running without a session': { state: 'running', ...lease, session_id: null },
  'running and never started': { state: 'running', ...lease, started_at: null },
  'waiting with a lease': { state: 'available', ...lease },
  'scheduled with a lease': { state: 'scheduled', order_key: 0, ...lease },
  'blocked with a lease': { state: 'blocked', order_key: -1, ...lease },
  'completed among the live': { state: 'completed' },
  'failed among the live': { state: 'failed', order_key: 0 },
};

/** Rows that no check refuses, as it would take a look at other rows, or cost every claim. */
const odd: Record<string, object> = {
  'running in a session that there never was': { state: 'running', ...lease },
  'waiting on a route that there never was': { route_id: 2_000_000_000 },
  'waiting without a place in line': { order_key: 0 },
  'scheduled with a place in line': { state: 'scheduled' },
  'due without being scheduled': { state: 'blocked', order_key: 0 },
  'blocked by nothing': { state: 'blocked', order_key: -1 },
  'with more attempts than it may have': { attempt: 30_000 },
  'with fewer rescues than none': { rescues: -5, epoch: -5 },
  'asked long ago to stop, and waiting': { cancel_requested_at: '2020-01-01T00:00:00Z' },
};

let routeId = 0;
beforeAll(async () => {
  const [route] = await api.database.query<{ id: number }>(
    "select longshore.ensure_route($1, 'default', 'sound', 0::smallint, '{}', null) as id",
    [api.orgId],
  );
  routeId = route!.id;
});

const insert = (columns: object): Promise<unknown> =>
  api.database.query(
    'insert into longshore.jobs select made.* from jsonb_populate_record(null::longshore.jobs, $1) as made',
    [{ ...plain, id: uuidV7(), org_id: api.orgId, route_id: routeId, ...columns }],
  );

const plain = {
  order_key: 1,
  run_at: '2020-01-01T00:00:00Z',
  created_at: '2020-01-01T00:00:00Z',
  state: 'available',
  epoch: 0,
  attempt: 0,
  max_attempts: 3,
  rescues: 0,
  has_dependants: false,
  payload: 7,
};

describe('B-10: a state of a job that makes no sense', () => {
  test.each(Object.entries(illegal))('is refused by the table: %s', async (_, columns) => {
    await expect(insert(columns)).rejects.toMatchObject({ code: '23514' });
  });

  test('that was stored all the same stops neither a start nor the work on others', {
    timeout: 120_000,
  }, async () => {
    await api.database.query(
      'alter table longshore.jobs drop constraint jobs_running_is_leased, drop constraint jobs_state_is_live',
    );
    for (const columns of Object.values({ ...illegal, ...odd })) await insert(columns);
    const started = await startLoggedApi({ DATABASE_URL: api.database.apiUrl });
    const worker = createWorker({
      url: started.url,
      apiKey: api.keys.worker,
      handlers: [sound.handler((n) => n)],
    });
    try {
      expect(await started.readiness()).toMatchObject({ httpStatus: 200 });
      await worker.start();
      const client = createClient({ url: started.url, apiKey: api.keys.submit });
      const now = await client.submit(sound, 1);
      const later = await client.submit(sound, 2, { delaySeconds: 0.2 });
      expect(await now.wait({ timeoutSeconds: 30 })).toBe(1);
      expect(await later.wait({ timeoutSeconds: 30 })).toBe(2);
      const { jobs } = await makeStuckJobs(api.database);
      for (const job of Object.values(jobs)) await untilMoved(api.database, job);
      expect(await started.readiness()).toMatchObject({ httpStatus: 200 });
    } finally {
      await worker.forceStop();
      await started.close();
    }
  });
});
