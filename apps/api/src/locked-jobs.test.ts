import { LongshoreError } from '@longshore/contract';
import type { PackedClaim } from '@longshore/db';
import {
  connect,
  createAdmin,
  createJobLifecycle,
  createSessions,
  type Database,
  type JobLifecycle,
} from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerbs } from './verbs.ts';

const database = useDatabase();
let db: Database;
let lifecycle: JobLifecycle;
let orgId: number;
beforeAll(async () => {
  db = connect({ url: database.apiUrl });
  lifecycle = createJobLifecycle(db);
  await createAdmin(db).createOrg('acme');
  orgId = await createAdmin(db).orgIdOf('acme');
});
afterAll(() => db.close());

test('a job that an open transaction has locked keeps no other from being completed', async () => {
  const [first, locked, other] = await holdThreeJobs();
  const holder = await database.connect();
  await holder.query('begin');
  await holder.query('select from longshore.jobs where id = $1 for update', [locked.id]);
  const { complete } = createVerbs({
    lifecycle,
    claimBy: () => false,
    wake() {},
    noteFinished() {},
    noteChanged() {},
    noteScheduled() {},
  });
  const completeOne = ({ id, leaseToken }: PackedClaim) =>
    complete(orgId, [{ id, leaseToken, result: null }]);

  // The first goes alone; the two that arrive meanwhile go together.
  const outcomes = await Promise.allSettled([first, locked, other].map(completeOne));
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: [{ ok: true, state: 'completed' }] },
    { status: 'rejected', reason: expect.any(LongshoreError) },
    { status: 'fulfilled', value: [{ ok: true, state: 'completed' }] },
  ]);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });

  await holder.query('rollback');
  expect(await completeOne(locked)).toMatchObject([{ ok: true, state: 'completed' }]);
});

const holdThreeJobs = async (): Promise<[PackedClaim, PackedClaim, PackedClaim]> => {
  const { id: workerId } = await createAdmin(db).registerWorker(orgId, { name: 'w' });
  const filter = {
    kinds: ['mail'],
    capabilities: [],
    queues: null,
    priorityMin: -32_768,
    priorityMax: 32_767,
  };
  const { sessionId } = await createSessions(db).open(orgId, workerId, { kinds: ['mail'], capabilities: [] });
  const jobs = Array.from({ length: 3 }, () => ({ kind: 'mail', payload: null }));
  await lifecycle.submit(orgId, jobs, { isAtomic: true, createdBy: null });
  const { bySession } = await lifecycle.claim(orgId, {
    filter,
    limitedWorkerId: null,
    seats: [{ sessionId, limit: 3 }],
    floors: [],
  });
  const [first, locked, other] = bySession.get(sessionId)!;
  return [first!, locked!, other!];
};
