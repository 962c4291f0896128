import { eventually, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { connect, type Database } from './connect.ts';
import { createSessions } from './sessions.ts';

const database = useDatabase();
let db: Database;
let orgId: number;
beforeAll(async () => {
  db = connect({ url: database.url });
  await createAdmin(db).createOrg('acme');
  orgId = await createAdmin(db).orgIdOf('acme');
});
afterAll(() => db.close());

const open = (workerId: string) =>
  createSessions(db).open(orgId, workerId, { kinds: ['mail'], capabilities: [] });

test('a worker that is being revoked opens no session', async () => {
  const { id } = await createAdmin(db).registerWorker(orgId, { name: 'w' });
  const revoker = await database.connect();
  await revoker.query('begin');
  await revoker.query('select longshore.revoke_worker($1, $2)', [orgId, id]);
  const opening = open(id).catch((error: unknown) => error);
  await eventually(async () => {
    const waiting = await database.query('select from pg_locks where not granted');
    return waiting.length > 0;
  });
  await revoker.query('commit');
  expect(await opening).toMatchObject({ code: 'NOT_FOUND' });
});

test('of several sessions those that have not ended are known', async () => {
  const { id } = await createAdmin(db).registerWorker(orgId, { name: 'w' });
  const [kept, closed] = [await open(id), await open(id)];
  const sessions = createSessions(db);
  await sessions.close(orgId, id, closed.sessionId);
  const found = await sessions.findAmong(orgId, [kept.sessionId, closed.sessionId]);
  expect([...found.keys()]).toEqual([kept.sessionId]);
});
