import { uuidV7 } from '@longshore/contract';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Claims } from './lifecycle-types.ts';
import { type OpenOrg, type OpenSessions, openOrg } from './testing/open-org.ts';

const database = useDatabase();
let org: OpenOrg;
let sessions: OpenSessions;
beforeAll(async () => {
  org = await openOrg(database);
});
afterAll(() => org.close());

beforeEach(async () => {
  for (const table of ['jobs', 'session_claims']) await database.query(`delete from longshore.${table}`);
  sessions = await org.openSessions(['mail', 'letter'], 3);
});

const submit = async (line: { kind: string; priority?: number }[]): Promise<string[]> => {
  const jobs = line.map((given) => ({ ...given, id: uuidV7(), payload: null, isRepeat: false }));
  await org.lifecycle.submit(org.orgId, jobs, { isAtomic: true, createdBy: null });
  return jobs.map(({ id }) => id);
};

const claim = async (limits: number[]): Promise<(string[] | undefined)[]> => {
  const { sessionIds, filter } = sessions;
  const seats = limits.map((limit, place) => ({ sessionId: sessionIds[place]!, limit }));
  const claims = await org.lifecycle.claim(org.orgId, { filter, limitedWorkerId: null, seats, floors: [] });
  return sessionIds.map((id) => idsOf(claims, id));
};

const idsOf = ({ bySession }: Claims, sessionId: string): string[] | undefined =>
  bySession.get(sessionId)?.map(({ id }) => id);

const mails = (count: number) => Array.from({ length: count }, () => ({ kind: 'mail' }));

test('a claim for several sessions deals a line in order, to each what it asked for', async () => {
  const ids = await submit(mails(7));
  expect(await claim([2, 1, 3])).toEqual([ids.slice(0, 2), ids.slice(2, 3), ids.slice(3, 6)]);
});

test('a line that ends early leaves the sessions behind with less, then with nothing', async () => {
  const ids = await submit(mails(3));
  expect(await claim([2, 4, 5])).toEqual([ids.slice(0, 2), ids.slice(2), undefined]);
});

test('lines of several kinds and priorities are dealt as one, the urgent first', async () => {
  const [late, early] = [
    await submit([{ kind: 'mail' }, { kind: 'letter' }, { kind: 'mail' }, { kind: 'letter' }]),
    await submit([
      { kind: 'letter', priority: -1 },
      { kind: 'mail', priority: -1 },
      { kind: 'letter', priority: -1 },
    ]),
  ];
  const line = [...early, ...late];
  expect(await claim([2, 2, 2])).toEqual([line.slice(0, 2), line.slice(2, 4), line.slice(4, 6)]);
});

test('what each session was given is noted for it alone', async () => {
  const ids = await submit(mails(4));
  await claim([1, 2, 1]);
  const notes = await database.query('select session_id, job_ids from longshore.session_claims');
  expect(notes).toHaveLength(3);
  expect(notes).toEqual(
    expect.arrayContaining([
      { session_id: sessions.sessionIds[0], job_ids: ids.slice(0, 1) },
      { session_id: sessions.sessionIds[1], job_ids: expect.arrayContaining(ids.slice(1, 3)) },
      { session_id: sessions.sessionIds[2], job_ids: ids.slice(3) },
    ]),
  );
});

test('a session that has ended gets nothing, and those behind it move up', async () => {
  const ids = await submit(mails(4));
  await database.query('select longshore.close_session($1, $2)', [org.orgId, sessions.sessionIds[0]]);
  expect(await claim([2, 2, 2])).toEqual([undefined, ids.slice(0, 2), ids.slice(2)]);
});
