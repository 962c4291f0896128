import { createClient, createWorker, defineJob, submitIn } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const ship = defineJob({
  kind: 'ship',
  payload: z.object({ order: z.number() }),
  result: z.string(),
  maxAttempts: 7,
});
interface Shop {
  orders: { id: number };
}
let pool: pg.Pool;
let shop: Kysely<Shop>;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: api.database.url, max: 2 });
  // Its database may be dropped before its goodbyes arrive.
  pool.on('error', () => {});
  shop = new Kysely<Shop>({ dialect: new PostgresDialect({ pool }) });
  await pool.query('create table public.orders (id int primary key)');
});
afterAll(() => shop.destroy());

const countJobs = async (): Promise<number> =>
  (await pool.query('select from longshore.all_jobs')).rows.length;
const { org } = { org: 'test-org' };

describe('submitIn', () => {
  test('stores the job with a pg transaction, and nothing when it rolls back', async () => {
    const before = await countJobs();
    const tx = await pool.connect();
    try {
      await tx.query('begin');
      await tx.query('insert into orders values (1)');
      await submitIn(tx, ship, { order: 1 }, { org });
      expect(await countJobs()).toBe(before);
      await tx.query('rollback');
      expect(await countJobs()).toBe(before);

      await tx.query('begin');
      const { id } = await submitIn(tx, ship, { order: 1 }, { org, priority: -3, tags: ['pg'] });
      await tx.query('commit');
      const client = createClient({ url: api.url, apiKey: api.keys.submit });
      expect(await client.get(ship, id)).toMatchObject({
        payload: { order: 1 },
        priority: -3,
        tags: ['pg'],
        maxAttempts: 7,
      });
    } finally {
      tx.release();
    }
  });

  test('stores the job with a kysely transaction, and nothing when it rolls back', async () => {
    const before = await countJobs();
    const failing = shop.transaction().execute(async (tx) => {
      await tx.insertInto('orders').values({ id: 2 }).execute();
      await submitIn(tx, ship, { order: 2 }, { org });
      throw new Error('the card was declined');
    });
    await expect(failing).rejects.toThrow('the card was declined');
    expect(await countJobs()).toBe(before);

    const { id } = await shop.transaction().execute(async (tx) => {
      await tx.insertInto('orders').values({ id: 2 }).execute();
      return submitIn(tx, ship, { order: 2 }, { org, backoff: { type: 'fixed', baseSeconds: 5 } });
    });
    const client = createClient({ url: api.url, apiKey: api.keys.submit });
    expect(await client.get(id)).toMatchObject({
      backoff: { type: 'fixed', baseSeconds: 5 },
      payload: { order: 2 },
    });
  });

  test('refuses an unknown option and a bad payload, and nothing is stored', async () => {
    const before = await countJobs();
    const options = { org, prioritty: 1 } as object;
    await expect(submitIn(pool, ship, { order: 1 }, options)).rejects.toMatchObject({ code: 'LS002' });
    await expect(submitIn(shop, ship, { order: 1 }, options)).rejects.toMatchObject({ code: 'LS002' });
    const bad = { order: 'one' } as never;
    await expect(submitIn(pool, ship, bad, { org })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(submitIn(pool, ship, { order: 1 })).rejects.toMatchObject({ code: 'LS006' });
    expect(await countJobs()).toBe(before);
  });

  test('takes the org from the database role, and wakes a worker that waits', async () => {
    const worker = createWorker({
      url: api.url,
      apiKey: api.keys.worker,
      handlers: [ship.handler(({ order }) => `shipped ${order}`)],
    });
    await worker.start();
    const tx = await pool.connect();
    try {
      await tx.query("set longshore.org = 'test-org'");
      const { id } = await submitIn(tx, ship, { order: 9 });
      const client = createClient({ url: api.url, apiKey: api.keys.submit });
      expect(await client.wait(ship, id, { timeoutSeconds: 20 })).toBe('shipped 9');
    } finally {
      tx.release();
      await worker.stop();
    }
  });
});
