import {
  connect,
  createAdmin,
  createDueReads,
  createJobLifecycle,
  createSessions,
  type Database,
} from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRescueDuty } from './rescue-dead-sessions.ts';

const database = useDatabase();
let db: Database;
beforeAll(() => {
  db = connect({ url: database.apiUrl });
});
afterAll(() => db.close());

/** A session of a new org that fell silent long ago, the longest first. */
const addDeadSession = async (slug: string): Promise<{ orgId: number; sessionId: string }> => {
  const owner = connect({ url: database.url, poolSize: 1 });
  await createAdmin(owner).createOrg(slug);
  const orgId = await createAdmin(owner).orgIdOf(slug);
  await owner.close();
  const { id } = await createAdmin(db).registerWorker(orgId, { name: 'w' });
  const { sessionId } = await createSessions(db).open(orgId, id, { kinds: ['mail'], capabilities: [] });
  await database.query(
    "update longshore.worker_sessions set heartbeat_at = started_at - interval '1 hour' where id = $1",
    [sessionId],
  );
  return { orgId, sessionId };
};

test('the dead sessions of an org whose rescue fails keep no other org waiting', async () => {
  const broken = await addDeadSession('broken');
  const sound = await addDeadSession('sound');
  await database.query(`
    create function public.fail() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
    create trigger fails before update on longshore.worker_sessions for each row
    when (new.org_id = ${broken.orgId}) execute function public.fail()
  `);
  const errors: string[] = [];
  const duty = createRescueDuty({
    due: createDueReads(db),
    lifecycle: createJobLifecycle(db),
    onError: (name) => errors.push(name),
    graceSeconds: 0,
  });

  expect(await duty.runOnce()).toBe(1);

  expect(errors).toEqual(['rescue-dead-sessions']);
  const ended = await database.query('select id from longshore.worker_sessions where ended_at is not null');
  expect(ended).toEqual([{ id: sound.sessionId }]);
});
