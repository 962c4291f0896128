import { uuidV7 } from '@longshore/contract';
import type { NestedPlan } from '@longshore/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { countBuffers, expectIndexedAndLinear } from './read-plans.ts';
import { claimCall, limitedClaimCall, usePlans } from './use-plans.ts';

const bench = usePlans();
const counted =
  /workers|rate_buckets|room_of_worker|load_of_sessions|room_of_session|spend_claims|head_of_lines/;
const queriesOf = (plans: NestedPlan[]): string[] => plans.map(({ query }) => query);

beforeEach(async () => {
  await bench.database.query('delete from longshore.jobs');
  await bench.database.query(
    `update longshore.workers set max_concurrent_jobs = null, category_limits = '{}', claims_per_minute = null`,
  );
});

test('the claim of a worker without limits runs no statement that counts', async () => {
  await bench.fill(await bench.makeRoute(), 100);
  await bench.explain(...claimCall(bench, 1));
  const queries = queriesOf(await bench.explain(...claimCall(bench, 1)));
  // Enter the org, lock the seats, list the lanes, look at the heads of one, claim them.
  expect(queries.filter((query) => counted.test(query))).toEqual([]);
  expect(queries.length).toBeLessThanOrEqual(9);
});

test('the claim of a worker with limits uses indexes only and reads no more than it may run', async () => {
  await bench.limitWorker({ max_concurrent_jobs: 100, category_limits: { a: 10 }, claims_per_minute: 1_000 });
  await bench.fill(await bench.makeRoute(), 100_000);
  await bench.fill(await bench.makeRoute([], 'a'), 100_000);
  await bench.database.query('vacuum analyze longshore.jobs');
  await bench.explain(...limitedClaimCall(bench, 20));

  expectIndexedAndLinear(await bench.explain(...limitedClaimCall(bench, 1_000)), 100);
  const full = await bench.explain(...limitedClaimCall(bench, 1_000));
  expectIndexedAndLinear(full, 100);
  expect(countBuffers(full)).toBeLessThan(2_000);
  const running = await bench.database.query("select from longshore.jobs where state = 'running'");
  expect(running).toHaveLength(100);
});

test('the claim of a session with limits of its own uses indexes only, and reads nothing of what others run', async () => {
  const { database, session } = bench;
  await bench.fill(await bench.makeRoute([], 'a'), 100_000);
  await bench.explain(...claimCall(bench, 300));
  const own = uuidV7();
  await database.query(
    `insert into longshore.worker_sessions
    select (jsonb_populate_record(sessions, jsonb_build_object(
      'id', $2::uuid, 'is_limited', true, 'category_limits', '{"a": 10, "b": 5}'::jsonb
    ))).*
    from longshore.worker_sessions as sessions
    where sessions.id = $1`,
    [session, own],
  );
  await database.query('vacuum analyze longshore.jobs');
  await bench.explain(...limitedClaimCall(bench, 20, own));

  const full = await bench.explain(...limitedClaimCall(bench, 1_000, own));
  expectIndexedAndLinear(full, 100);
  expect(countBuffers(full)).toBeLessThan(600);
  const running = await database.query(
    "select from longshore.jobs where state = 'running' and session_id = $1",
    [own],
  );
  expect(running).toHaveLength(10);
});
