import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { databaseActor } from './audit.ts';
import { connect, type Database } from './connect.ts';
import { createJobLifecycle } from './job-lifecycle.ts';
import { createWatchReads } from './watch-reads.ts';

const database = useDatabase();
let db: Database;
let owner: Database;
beforeAll(() => {
  db = connect({ url: database.apiUrl });
  owner = connect({ url: database.url });
});
afterAll(() => Promise.all([db.close(), owner.close()]));

test('a job that finished and was cleaned between two looks is reported as final, and one never seen is not', async () => {
  await createAdmin(owner).createOrg('acme');
  const orgId = await createAdmin(owner).orgIdOf('acme');
  const lifecycle = createJobLifecycle(db);
  const job = { kind: 'mail', payload: null };
  const [answer] = await lifecycle.submit(orgId, [job], { isAtomic: true, createdBy: null });
  const id = answer!.ok ? answer!.id : '';
  const { watchJobs } = createWatchReads(db);

  const [live] = await watchJobs([{ orgId, id, mark: null }]);
  expect(live).toMatchObject({ orgId, id, isFinal: false });
  const { mark } = live!;
  expect(await watchJobs([{ orgId, id, mark }])).toEqual([]);

  await lifecycle.cancel(orgId, [id], { actor: databaseActor, reason: null });
  expect(await watchJobs([{ orgId, id, mark }])).toEqual([{ orgId, id, mark: 'cancelled', isFinal: true }]);

  await owner.pool.query('truncate longshore.finished_jobs');
  expect(await watchJobs([{ orgId, id, mark }])).toEqual([{ orgId, id, mark: 'gone', isFinal: true }]);
  expect(await watchJobs([{ orgId, id, mark: null }])).toEqual([]);
});
