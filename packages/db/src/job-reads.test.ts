import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { databaseActor } from './audit.ts';
import { connect, type Database } from './connect.ts';
import { createJobLifecycle } from './job-lifecycle.ts';
import { createJobReads } from './job-reads.ts';

const database = useDatabase();
let db: Database;
beforeAll(() => {
  db = connect({ url: database.url });
});
afterAll(() => db.close());

test('pages run through live and finished jobs together, newest first', async () => {
  await createAdmin(db).createOrg('acme');
  const orgId = await createAdmin(db).orgIdOf('acme');
  const lifecycle = createJobLifecycle(db);
  const jobs = Array.from({ length: 7 }, () => ({ kind: 'mail', payload: null }));
  const answers = await lifecycle.submit(orgId, jobs, { isAtomic: true, createdBy: null });
  const ids = answers.flatMap((answer) => (answer.ok ? [answer.id] : [])).sort();
  const finished = ids.filter((_, place) => place % 3 === 0);
  await lifecycle.cancel(orgId, finished, { actor: databaseActor, reason: null });

  const { listJobs } = createJobReads(db);
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listJobs(orgId, { limit: 2, ...(cursor && { cursor }) });
    seen.push(...page.jobs.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(ids.toReversed());
  const cancelled = await listJobs(orgId, { state: 'cancelled', kind: 'mail' });
  expect(cancelled.jobs.map(({ id }) => id)).toEqual(finished.toReversed());
});
