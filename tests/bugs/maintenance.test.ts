import { eventually, useDatabase } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { createActor } from '../races/actor.ts';
import { makeOrg } from '../races/use-arena.ts';
import { type LoggedApi, startLoggedApi } from './start-logged-api.ts';
import { type DueFunction, makeStuckJobs, readState, untilMoved } from './stuck-jobs.ts';

const database = useDatabase();
const definitions = new Map<DueFunction, string>();
let api: LoggedApi | undefined;

afterEach(async () => {
  for (const name of definitions.keys()) await mend(name);
  await api?.close();
});

/** Lets the duty that looks for its work there hang, until it is mended. */
const hang = async (name: DueFunction): Promise<void> => {
  const [found] = await database.query<{ definition: string; head: string }>(
    `select
       pg_get_functiondef(oid) as definition,
       format('%s(%s) returns %s', oid::regproc, pg_get_function_arguments(oid), pg_get_function_result(oid)) as head
     from pg_proc where oid = $1::regproc`,
    [`longshore.${name}`],
  );
  definitions.set(name, found!.definition);
  await database.query(
    `create or replace function ${found!.head} language plpgsql as $$
    begin
      perform pg_sleep(3600);
    end $$`,
  );
};

const mend = async (name: DueFunction): Promise<void> => {
  await database.query(definitions.get(name)!);
  definitions.delete(name);
  await database.query(`select pg_cancel_backend(pid) from pg_stat_activity where ${isAsleep}`);
};

const isAsleep = "wait_event = 'PgSleep' and datname = current_database()";

test.each<DueFunction>(['due_jobs', 'due_sessions'])(
  'B-26: while the statement of one duty hangs, %s, the others go on, and it goes on once it can',
  { timeout: 150_000 },
  async (hung) => {
    const { jobs } = await makeStuckJobs(database);
    await hang(hung);
    api = await startLoggedApi({ DATABASE_URL: database.apiUrl });
    await eventually(
      async () => (await database.query(`select from pg_stat_activity where ${isAsleep}`)).length > 0,
      { timeoutMs: 30_000 },
    );
    const before = await readState(database, jobs[hung].id);
    for (const [name, job] of Object.entries(jobs)) if (name !== hung) await untilMoved(database, job);
    expect(await readState(database, jobs[hung].id)).toBe(before);

    await mend(hung);
    await untilMoved(database, jobs[hung]);
  },
);

test('B-27: a batch of due jobs that a stranger keeps locked holds up neither those behind them nor another org', {
  timeout: 150_000,
}, async () => {
  const { orgId } = await makeOrg(database);
  const [actor, stranger] = await Promise.all(
    [1, 2].map(async () => createActor(await database.connect(), orgId)),
  );
  const locked = await actor!.submit(
    Array.from({ length: 1_000 }, () => ({})),
    'crowd',
  );
  const [behind] = await actor!.submit([{}], 'crowd');
  await database.query(
    `update longshore.jobs
     set state = 'scheduled', order_key = 0, run_at = longshore.now() - make_interval(hours => case id when $2 then 1 else 2 end)
     where org_id = $1`,
    [orgId, behind],
  );
  const { jobs } = await makeStuckJobs(database);
  await stranger!.begin();
  await stranger!.submit([{ depends_on: locked }]);

  api = await startLoggedApi({ DATABASE_URL: database.apiUrl });
  await untilMoved(database, jobs.due_jobs);
  await untilMoved(database, { id: behind!, movesTo: 'available' });
  expect(await readState(database, locked[0]!)).toBe('scheduled');
  await stranger!.rollback();
  await untilMoved(database, { id: locked[999]!, movesTo: 'available' });
});
