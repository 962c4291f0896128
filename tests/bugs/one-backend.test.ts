import { connect, createAdmin, createJobLifecycle, createReads, type Database } from '@longshore/db';
import { eventually, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addOrg } from './add-org.ts';

const database = useDatabase();
let db: Database;
beforeAll(() => {
  db = connect({ url: database.apiUrl, poolSize: 1 });
});
afterAll(() => db.close());

test('B-46: two orgs that share one backend, turn and turn about, never see a row of the other', async () => {
  const orgIds = await Promise.all(
    ['one', 'other'].map(async (slug) => (await addOrg(database.url, slug)).orgId),
  );
  const [lifecycle, reads, admin] = [createJobLifecycle(db), createReads(db), createAdmin(db)];

  const actAs = async (orgId: number, round: number): Promise<void> => {
    const job = { kind: `of-${orgId}`, payload: { orgId, round } };
    await lifecycle.submit(orgId, [job], { isAtomic: true, createdBy: null });
    const { jobs } = await reads.listJobs(orgId, { limit: 1_000 });
    expect(new Set(jobs.map(({ kind }) => kind))).toEqual(new Set([`of-${orgId}`]));
    await admin.pauseQueue(orgId, `queue-${orgId}`);
    expect((await reads.queues(orgId)).map(({ queue }) => queue).toSorted()).toEqual([
      'default',
      `queue-${orgId}`,
    ]);
  };
  await Promise.all(Array.from({ length: 40 }, (_, round) => actAs(orgIds[round % 2]!, round)));

  // Whatever the connection did last, it is nobody's now.
  const { rows } = await db.pool.query('select from longshore.jobs');
  expect(rows).toEqual([]);
  const onBackends = "application_name = 'longshore' and datname = current_database()";
  await eventually(
    async () => (await database.query(`select from pg_stat_activity where ${onBackends}`)).length === 1,
  );
});
