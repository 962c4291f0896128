import { describe, expect, test } from 'vitest';
import { expectIndexedAndLinear } from './read-plans.ts';
import { claimCall, usePlans } from './use-plans.ts';

const bench = usePlans();
const batchSize = 1_000;

interface Lease {
  id: string;
  lease_token: string;
}

const verbs: Record<string, (held: Lease[]) => [string, unknown[]]> = {
  fail_jobs: (held) =>
    callWithItems('fail_jobs', held, { error: { message: 'on purpose' }, retry_after_seconds: 60 }),
  'fail_jobs for good': (held) =>
    callWithItems('fail_jobs', held, { error: { message: 'on purpose' }, is_retryable: false }),
  release_jobs: (held) => callWithItems('release_jobs', held, {}),
  snooze_jobs: (held) => callWithItems('snooze_jobs', held, { delay_seconds: 60 }),
  report_progress: (held) => callWithItems('report_progress', held, { progress: 1, output: [] }),
  cancel_jobs: (held) => [
    "select * from longshore.cancel_jobs($1, $2, 'test', null)",
    [bench.orgId, idsOf(held)],
  ],
  retry_jobs: (held) => ['select * from longshore.retry_jobs($1, $2)', [bench.orgId, idsOf(held)]],
  promote_jobs: (held) => ['select longshore.promote_jobs($1, $2)', [bench.orgId, idsOf(held)]],
  rescue_jobs: () => ['select longshore.rescue_jobs($1, $2)', [bench.orgId, [bench.session]]],
};

describe('a batch of 1,000, planned when the tables were empty, touches rows in proportion', () => {
  test.each(Object.keys(verbs))('%s', async (name) => {
    await bench.database.query('delete from longshore.jobs');
    await bench.database.query('delete from longshore.finished_jobs');
    await bench.database.query('vacuum analyze longshore.jobs, longshore.finished_jobs');
    await bench.explain(...verbs[name]!(await prepare(name, 1)));
    await reopenSession();
    const held = await prepare(name, batchSize);

    expectIndexedAndLinear(await bench.explain(...verbs[name]!(held)), batchSize);
  });
});

/** Brings so many jobs into the state in which the verb has most to do. */
const prepare = async (name: string, count: number): Promise<Lease[]> => {
  const held = await holdJobs(count);
  if (name === 'cancel_jobs') await bench.database.query(...verbs.snooze_jobs!(held));
  if (name === 'promote_jobs') {
    await bench.database.query(...verbs.snooze_jobs!(held));
    await bench.database.query("update longshore.jobs set run_at = run_at - interval '1 day'");
  }
  if (name === 'retry_jobs') await bench.database.query(...verbs['fail_jobs for good']!(held));
  return held;
};

/** Claims so many fresh jobs; the session has not been heard of since long ago, and jobs may be rescued from it. */
const holdJobs = async (count: number): Promise<Lease[]> => {
  await bench.database.query('delete from longshore.jobs');
  await bench.fill(await bench.makeRoute(), count);
  await bench.database.query(...claimCall(bench, count));
  await bench.database.query(
    "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 day'",
  );
  const held = await bench.database.query<{ id: string; lease_token: string }>(
    "select id, lease_token from longshore.jobs where state = 'running'",
  );
  expect(held).toHaveLength(count);
  return held;
};

const reopenSession = (): Promise<unknown> =>
  bench.database.query('update longshore.worker_sessions set ended_at = null, end_reason = null');

const idsOf = (held: Lease[]): string[] => held.map(({ id }) => id);

const callWithItems = (verb: string, held: Lease[], rest: object): [string, unknown[]] => [
  `select * from longshore.${verb}($1, $2)`,
  [bench.orgId, JSON.stringify(held.map((lease) => ({ ...lease, ...rest })))],
];
