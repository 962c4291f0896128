import { connect, createAdmin, createDueReads, createJobLifecycle, type Database } from '@longshore/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor, Claimed } from './actor.ts';
import { startWorker } from './start-worker.ts';
import { makeOrg, openSession, useArena } from './use-arena.ts';

const arena = useArena();
let db: Database;
beforeAll(() => {
  db = connect({ url: arena.database.apiUrl });
});
afterAll(() => db.close());

const runJob = async (actor: Actor, sessionId: string): Promise<Claimed> => {
  await actor.submit([{}]);
  const [job] = await actor.claim(sessionId, 1);
  return job!;
};

describe('a worker that fell silent', () => {
  const spoil = (sql: string) => (keyId: string) => arena.database.query(sql, [keyId]);
  const ends: [string, number, (keyId: string) => Promise<unknown>][] = [
    ['by itself counts against its job', 1, async () => {}],
    [
      'because its last key expired does not',
      0,
      spoil("update longshore.api_keys set expires_at = longshore.now() - interval '1 s' where id = $1"),
    ],
    [
      'with a key that expired but another that did not does',
      1,
      async (keyId) => {
        await createAdmin(db).rotateKey(arena.orgId, { id: keyId, overlapSeconds: 0 });
      },
    ],
  ];

  test.each(ends)('%s', async (_, rescues, end) => {
    const actor = await arena.addActor();
    const { keyId, sessionId } = await startWorker(arena, db);
    const { id } = await runJob(actor, sessionId);
    await end(keyId);
    await arena.silence(sessionId);
    expect(await createJobLifecycle(db).rescue(arena.orgId, [sessionId])).toBe(1);
    expect(await arena.readJob(id)).toMatchObject({ state: 'available', attempt: 0, rescues });
  });
});

test('B-27: an org with more dead sessions than a batch holds leaves room for those of others', async () => {
  const other = await makeOrg(arena.database);
  const [first, second] = [
    await openSession(arena.database, other),
    await openSession(arena.database, other),
  ];
  for (const sessionId of [first, second]) await arena.silence(sessionId);
  for (let count = 0; count < 20; count++) {
    const sessionId = await arena.openSession();
    await arena.silence(sessionId);
    await arena.silence(sessionId);
  }
  const due = await createDueReads(db).deadSessions(10);
  expect(due).toHaveLength(10);
  expect(due.filter(({ orgId }) => orgId === other.orgId).map(({ sessionId }) => sessionId)).toEqual([
    first,
    second,
  ]);
});
