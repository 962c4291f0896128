import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import { expectIndexedAndLinear } from './read-plans.ts';
import { usePlans } from './use-plans.ts';

const bench = usePlans();

test('the trail of one job is read by index, in the days since it was made, whatever history holds', async () => {
  const routeId = await bench.makeRoute();
  await bench.fill(routeId, 5_000);
  const id = uuidV7();
  await bench.database.query(
    `insert into longshore.finished_jobs (
      org_id, id, route_id, run_at, created_at, finished_at, state, epoch, attempt, max_attempts, rescues, payload, created_by, attempts
    )
    select
      $1, case place when 1 then $3 else longshore.uuid_v7(now()) end, $2, now(), now(), now(), 'completed', 1, 1, 3, 0, 'null', $4,
      '[{"attempt": 1, "outcome": "failed", "started_at": "2026-01-01", "ended_at": "2026-01-01"}]'
    from generate_series(1, 20000) as place`,
    [bench.orgId, routeId, id, uuidV7()],
  );
  await bench.database.query('vacuum analyze longshore.jobs');

  const plans = await bench.explain(`select set_config('longshore.org_id', $1::text, false)`, [bench.orgId]);
  plans.push(
    ...(await bench.explain(
      `select * from longshore.job_events
       where org_id = $1 and job_id = $2 and (finished_at is null or finished_at >= $3)
       order by at, place`,
      [bench.orgId, id, new Date(Date.now() - 86_400_000)],
    )),
  );

  expect(plans.at(-1)!.plan['Actual Rows']).toBe(4);
  expectIndexedAndLinear(plans, 10);
});
