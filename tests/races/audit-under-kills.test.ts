import { connect, createAdmin, type Database } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const database = useDatabase();
let db: Database;
let orgId: number;

beforeAll(async () => {
  db = connect({ url: database.apiUrl, poolSize: 8, applicationName: 'killed' });
  await createAdmin(db).createOrg('acme');
  orgId = await createAdmin(db).orgIdOf('acme');
});
afterAll(() => db.close());

/** Ends one connection of the pool in the middle of whatever it does. */
const killOne = () =>
  database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'killed' and datname = current_database() order by random() limit 1`,
  );

test('S-21: whatever connection dies when, an act and its row in the log are there together or not at all', async () => {
  let refusals = 0;
  let isOver = false;
  const act = async (): Promise<void> => {
    const admin = createAdmin(db);
    for (let round = 0; round < 60; round++) {
      await admin.createKey(orgId, { role: 'submit', name: 'k' }).catch(() => {
        refusals += 1;
      });
    }
  };
  const kill = async (): Promise<void> => {
    while (!isOver) await killOne();
  };
  const killing = kill();
  await Promise.all(Array.from({ length: 8 }, act));
  isOver = true;
  await killing;

  const made = await database.query('select id::text from longshore.api_keys where org_id = $1 order by 1', [
    orgId,
  ]);
  const logged = await database.query(
    "select target as id from longshore.audit_log where org_id = $1 and action = 'keys.create' order by 1",
    [orgId],
  );
  expect(logged).toEqual(made);
  expect(refusals).toBeGreaterThan(0);
  expect(made.length).toBeGreaterThan(0);
  expect(await database.query('select * from longshore.verify_audit($1)', [orgId])).toEqual([]);
});
