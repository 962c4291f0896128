import { uuidV7 } from '@longshore/contract';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { expectIndexedAndLinear } from './read-plans.ts';
import { claimCall, usePlans } from './use-plans.ts';

const bench = usePlans();

describe('submit, claim, heartbeat and complete use indexes only and touch no more rows than their batch', () => {
  test('on an empty table', async () => {
    await analyze();
    await checkHotVerbs(100);
  });

  test('on a small table', async () => {
    await bench.fill(await bench.makeRoute(), 100);
    await analyze();
    await checkHotVerbs(100);
  });

  test('on a large table for which they were planned when it was empty', async () => {
    await empty();
    await analyze();
    await checkHotVerbs(10);
    await bench.fill(await bench.makeRoute(), 100_000);
    await checkHotVerbs(100);
  });

  test('on a large table', async () => {
    await analyze();
    await checkHotVerbs(100);
  });

  test('on a large table in batches of 1,000', async () => {
    await checkHotVerbs(1_000);
  });

  test('on an empty table for which they were planned when it was large', async () => {
    await checkHotVerbs(10);
    await empty();
    await checkHotVerbs(100);
  });
});

/** Calls each verb once with a batch; complete twice, as after a lost answer. */
const checkHotVerbs = async (size: number): Promise<void> => {
  const route = await bench.makeRoute();
  const items = Array.from({ length: size }, () => ({
    id: uuidV7(),
    route_id: route,
    payload: {},
    max_attempts: 3,
  }));
  await check('submit_jobs($1, $2, null, true)', JSON.stringify(items), size);
  await bench.database.query('delete from longshore.jobs where id = any ($1)', [items.map(({ id }) => id)]);
  const plain = [
    items.map(({ id }) => id),
    items.map(() => route),
    items.map(() => '{}'),
    items.map(() => 3),
  ];
  const insert = 'select * from longshore.insert_new_jobs($1, $2, $3, $4, $5, null)';
  expectIndexedAndLinear(await bench.explain(insert, [bench.orgId, ...plain]), size);
  expectIndexedAndLinear(await bench.explain(...claimCall(bench, size)), size);
  const held = await bench.database.query(
    "select id, lease_token from longshore.jobs where state = 'running' and session_id = $1",
    [bench.session],
  );
  expect(held).toHaveLength(size);
  const beats = [{ session_id: bench.session, held }];
  await check('heartbeat_sessions($1, $2)', JSON.stringify(beats), size);
  await checkCompletes(held, size);
  await checkCompletes(held, size);
};

const checkCompletes = async (held: pg.QueryResultRow[], size: number): Promise<void> => {
  const leases = [held.map(({ id }) => id), held.map(({ lease_token }) => lease_token)];
  const call = 'select * from longshore.complete_jobs($1, $2, $3, $4)';
  const results = held.map(() => null);
  expectIndexedAndLinear(await bench.explain(call, [bench.orgId, ...leases, results]), size);
};

const check = async (call: string, items: string, size: number): Promise<void> =>
  expectIndexedAndLinear(await bench.explain(`select * from longshore.${call}`, [bench.orgId, items]), size);

/** The jobs go, what the statistics say about them stays. */
const empty = async (): Promise<void> => {
  await bench.database.query('delete from longshore.jobs');
  await bench.database.query('delete from longshore.finished_jobs');
};

const analyze = (): Promise<unknown> =>
  bench.database.query('analyze longshore.jobs, longshore.finished_jobs, longshore.session_claims');
