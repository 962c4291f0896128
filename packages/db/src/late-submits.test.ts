import { uuidV7 } from '@longshore/contract';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewJob } from './lifecycle-types.ts';
import { type OpenOrg, type OpenSessions, openOrg } from './testing/open-org.ts';

const database = useDatabase();
const by = { createdBy: null };
let org: OpenOrg;
let worker: OpenSessions;
beforeAll(async () => {
  org = await openOrg(database);
  worker = await org.openSessions(['mail'], 1);
});
afterAll(() => org.close());

const waiting = () => ({
  filter: worker.filter,
  limitedWorkerId: null,
  seats: [{ sessionId: worker.sessionIds[0]!, limit: 10 }],
  floors: [],
});

/** Sent once, held up on its way; sent again, stored, and finished. */
const finishTheRepeatOf = async (job: NewJob & { id: string }): Promise<void> => {
  await org.lifecycle.submit(org.orgId, [{ ...job, isRepeat: true }], { isAtomic: false, ...by });
  const claims = await org.lifecycle.claim(org.orgId, waiting());
  const [claimed] = claims.bySession.get(worker.sessionIds[0]!)!;
  await org.lifecycle.complete(org.orgId, [{ id: job.id, leaseToken: claimed!.leaseToken }]);
};

const rowsOf = (id: string) => database.query('select state from longshore.all_jobs where id = $1', [id]);

describe('a first submit that comes after its repeat has run', () => {
  test.each<[string, Pick<NewJob, 'tags' | 'delaySeconds'>, boolean]>([
    ['alone', {}, false],
    ['with options', { tags: ['late'], delaySeconds: 0 }, false],
    ['in a batch of all or nothing', {}, true],
  ])('finds the finished job, %s', async (_, options, isAtomic) => {
    const job = { id: uuidV7(), kind: 'mail', payload: 1, isRepeat: false, ...options };
    await finishTheRepeatOf(job);

    const neighbour = { id: uuidV7(), kind: 'letter', payload: 2, isRepeat: false };
    const answers = await org.lifecycle.submit(org.orgId, [job, neighbour], { isAtomic, ...by });
    expect(answers).toMatchObject([
      { ok: true, id: job.id, state: 'completed', isNew: false },
      { ok: true, id: neighbour.id, state: 'available', isNew: true },
    ]);
    expect(await rowsOf(job.id)).toEqual([{ state: 'completed' }]);
    expect(await rowsOf(neighbour.id)).toEqual([{ state: 'available' }]);
  });

  test('is not handed to whoever waits for it', async () => {
    const job = { id: uuidV7(), kind: 'mail', payload: 1, isRepeat: false };
    await finishTheRepeatOf(job);
    expect(await org.lifecycle.submitAndClaim(org.orgId, [job], by, waiting())).toBeUndefined();
    expect(await rowsOf(job.id)).toEqual([{ state: 'completed' }]);
  });
});

test('what is known of repeats is forgotten after an hour', async () => {
  const count = () => database.query('select count(*)::int as kept from longshore.resent_jobs');
  await database.query("update longshore.resent_jobs set sent_at = sent_at - interval '61 minutes'");
  const recent = { id: uuidV7(), kind: 'mail', payload: 1, isRepeat: true };
  await org.lifecycle.submit(org.orgId, [recent], { isAtomic: false, ...by });
  await database.query('select longshore.prune_rows(30, 1000)');
  expect(await count()).toEqual([{ kept: 1 }]);
});
