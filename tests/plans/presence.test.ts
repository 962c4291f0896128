import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import { countBuffers, expectIndexedAndLinear } from './read-plans.ts';
import { usePlans } from './use-plans.ts';

const bench = usePlans();
const sessions = 200;
const jobsEach = 5;

test('who is connected is read by what their claims were given, whatever waits and however many have gone', async () => {
  const { database, orgId, session } = bench;
  const ids = Array.from({ length: sessions }, () => uuidV7());
  const copy = `insert into longshore.worker_sessions
    select (jsonb_populate_record(sessions, jsonb_build_object('id', copies.id) || $3::jsonb)).*
    from longshore.worker_sessions as sessions
    cross join unnest($2::uuid[]) as copies (id)
    where sessions.id = $1`;
  await database.query(copy, [session, ids, {}]);
  const gone = Array.from({ length: 5_000 }, () => uuidV7());
  await database.query(copy, [session, gone, { ended_at: new Date(0), end_reason: 'closed' }]);
  await bench.fill(await bench.makeRoute(), 50_000);
  await database.query(
    `select claimed.id
    from unnest($2::uuid[]) as ids (id)
    cross join lateral longshore.claim_jobs(
      $1, array[ids.id], array[$3::int], uuid_send(gen_random_uuid()), '{work}', '{}', null, -32768, 32767, null, '{}', '{}'
    ) as claimed`,
    [orgId, ids, jobsEach],
  );
  await database.query('vacuum analyze longshore.jobs, longshore.worker_sessions, longshore.session_claims');

  await bench.explain(`select set_config('longshore.org_id', $1::text, false)`, [orgId]);
  const plans = await bench.explain(
    'select * from longshore.worker_health where org_id = $1 and disconnected_at is null order by session_id',
    [orgId],
  );
  expect(plans.at(-1)!.plan['Actual Rows']).toBe(sessions + 1);
  // What claims were given is a few pages, and read from end to end for each session as long as it is.
  expectIndexedAndLinear(plans, sessions * 60);
  expect(countBuffers(plans)).toBeLessThan(sessions * jobsEach * 12);
});

test('a look for who came and who went reads the sessions that are open, and none that ended long ago', async () => {
  const { database, session, orgId } = bench;
  const gone = Array.from({ length: 10_000 }, () => uuidV7());
  await database.query(
    `insert into longshore.worker_sessions
    select (jsonb_populate_record(sessions, jsonb_build_object('id', gone.id, 'ended_at', 'epoch'::timestamptz, 'end_reason', 'closed'))).*
    from longshore.worker_sessions as sessions
    cross join unnest($2::uuid[]) as gone (id)
    where sessions.id = $1`,
    [session, gone],
  );
  await database.query('vacuum analyze longshore.worker_sessions');
  const open = await database.query<{ id: string }>(
    'select id from longshore.worker_sessions where ended_at is null',
  );
  const known = open.map(({ id }) => id);
  const plans = await bench.explain('select * from longshore.session_changes($1, $2, 6)', [
    known.map(() => orgId),
    known,
  ]);
  expect(plans.at(-1)!.plan['Actual Rows']).toBe(0);
  expect(countBuffers(plans)).toBeLessThan(1_000);
});
