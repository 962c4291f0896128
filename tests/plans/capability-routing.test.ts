import { expect, test } from 'vitest';
import { countBuffers } from './read-plans.ts';
import { claimCall, usePlans } from './use-plans.ts';

const bench = usePlans();

test('200,000 jobs that need a gpu cost a plain worker’s claim nothing: it reads fewer than 100 buffers', async () => {
  const gpu = await bench.makeRoute(['gpu']);
  const plain = await bench.makeRoute();
  await bench.fill(gpu, 200_000);
  await bench.fill(plain, 2);
  // A connection's first call also reads the catalog.
  await bench.explain(...claimCall(bench, 1));

  const plans = await bench.explain(...claimCall(bench, 1));

  const claimed = await bench.database.query("select route_id from longshore.jobs where state = 'running'");
  expect(claimed).toEqual([{ route_id: plain }, { route_id: plain }]);
  expect(countBuffers(plans)).toBeLessThan(100);
});
