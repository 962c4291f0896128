import { uuidV7 } from '@longshore/contract';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaimRequest } from './lifecycle-types.ts';
import { type OpenOrg, openOrg } from './testing/open-org.ts';

const database = useDatabase();
let org: OpenOrg;
beforeAll(async () => {
  org = await openOrg(database);
});
afterAll(() => org.close());

/** A session of a worker of its own that waits for two jobs. */
const waitForTwo = async (
  kind: string,
  policy: { maxConcurrentJobs?: number } = {},
): Promise<ClaimRequest & { workerId: string }> => {
  const { workerId, sessionIds, filter, isLimited } = await org.openSessions([kind], 1, policy);
  return {
    workerId,
    filter,
    limitedWorkerId: isLimited ? workerId : null,
    seats: [{ sessionId: sessionIds[0]!, limit: 2 }],
    floors: [],
  };
};

const newJob = (kind: string) => ({ id: uuidV7(), kind, payload: { n: 1 }, isRepeat: false });
const by = { createdBy: null };
const stored = (id: string) => database.query('select state from longshore.all_jobs where id = $1', [id]);

test('a submitted job is running for the session that waits for it when the submit is answered', async () => {
  const request = await waitForTwo('mail');
  const job = newJob('mail');
  const done = await org.lifecycle.submitAndClaim(org.orgId, [job], by, request);
  expect(done?.answers).toEqual([{ ok: true, id: job.id, state: 'available', isNew: true }]);
  const [claim] = done!.claims.bySession.get(request.seats[0]!.sessionId)!;
  expect(JSON.parse(claim!.text)).toMatchObject({ id: job.id, kind: 'mail', payload: { n: 1 }, attempt: 1 });
  expect(await stored(job.id)).toEqual([{ state: 'running' }]);
});

test('jobs that waited for longer are handed over first', async () => {
  const request = await waitForTwo('letter');
  const earlier = [newJob('letter'), newJob('letter')];
  await org.lifecycle.submit(org.orgId, earlier, { isAtomic: true, createdBy: null });
  const done = await org.lifecycle.submitAndClaim(org.orgId, [newJob('letter')], by, request);
  const claims = done!.claims.bySession.get(request.seats[0]!.sessionId)!;
  expect(claims.map(({ id }) => id)).toEqual(earlier.map(({ id }) => id));
});

test('a batch with an id that is taken stores and claims nothing', async () => {
  const request = await waitForTwo('card');
  const taken = newJob('card');
  await org.lifecycle.submit(org.orgId, [taken], { isAtomic: true, createdBy: null });
  const fresh = newJob('card');
  expect(await org.lifecycle.submitAndClaim(org.orgId, [fresh, taken], by, request)).toBeUndefined();
  expect(await stored(fresh.id)).toEqual([]);
  expect(await stored(taken.id)).toEqual([{ state: 'available' }]);
});

test('a claim that cannot be made is no reason to refuse the submit', async () => {
  const request = await waitForTwo('parcel', { maxConcurrentJobs: 5 });
  const holder = await database.connect();
  await holder.query('begin');
  await holder.query('select from longshore.workers where id = $1 for update', [request.workerId]);
  const job = newJob('parcel');
  expect(await org.lifecycle.submitAndClaim(org.orgId, [job], by, request)).toBeUndefined();
  const answers = await org.lifecycle.submit(org.orgId, [job], { isAtomic: true, createdBy: null });
  expect(answers).toMatchObject([{ ok: true, isNew: true }]);
  await holder.query('rollback');
});
