import { useDatabase } from '@longshore/test-kit';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { connect, type Database } from './connect.ts';

const database = useDatabase();
let db: Database;
let client: pg.Client;
let [orgId, otherId] = [0, 0];
beforeAll(async () => {
  db = connect({ url: database.url });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  await admin.createOrg('other');
  [orgId, otherId] = [await admin.orgIdOf('acme'), await admin.orgIdOf('other')];
  await admin.pauseQueue(orgId, 'slow');
  await admin.pauseQueue(otherId, 'slow');
  client = await database.connect();
});
afterAll(() => db.close());

/** Runs statements as a role that entered an org, and undoes them; answers the rows of the last, or why it was refused. */
const as = async (role: string, enteredOrgId: number, sql: string): Promise<unknown> => {
  await client.query(`begin; select longshore.enter_org(${enteredOrgId}); set local role ${role}`);
  try {
    return (await client.query(sql)).rows;
  } catch (error) {
    return (error as pg.DatabaseError).code;
  } finally {
    await client.query('rollback');
  }
};
const append = (to: number) =>
  `select longshore.append_audit(${to}, null, 'admin', 'name', 'test', 'target', null, null, null, null)::int as seq`;
const denied = '42501';

describe('longshore_api', () => {
  test.for([
    'insert into longshore.audit_log select * from longshore.audit_log',
    "update longshore.audit_log set action = ''",
    'delete from longshore.audit_log',
    'truncate longshore.audit_log',
    'alter table longshore.audit_log disable row level security',
    'select * from longshore.audit_heads',
    'update longshore.audit_heads set seq = 0',
    'delete from longshore.audit_heads',
    'insert into longshore.audit_heads values (1, 1, null)',
    'select * from longshore.verify_audit(1)',
  ])('may not: %s', async (sql) => {
    expect(await as('longshore_api', orgId, sql)).toBe(denied);
  });

  test('adds a row to the org it entered, and to no other', async () => {
    expect(await as('longshore_api', orgId, append(orgId))).toEqual([{ seq: 2 }]);
    expect(await as('longshore_api', orgId, append(otherId))).toBe('LS005');
    expect(await as('longshore_api', orgId, append(0))).toBe('LS005');
    expect(await as('longshore_api', orgId, `set local longshore.org_id = ''; ${append(orgId)}`)).toBe(
      'LS005',
    );
  });

  test('adds a row to any org when it acts for the system', async () => {
    expect(await as('longshore_api', 0, append(orgId))).toEqual([{ seq: 2 }]);
  });

  test('reads the log of the org it entered', async () => {
    const sql = 'select distinct org_id from longshore.audit_log';
    expect(await as('longshore_api', orgId, sql)).toEqual([{ org_id: orgId }]);
  });
});

test('the SQL door and those behind it have no way to the log', async () => {
  for (const role of ['longshore_submit', 'longshore_door', 'longshore_reader']) {
    expect(await as(role, orgId, append(orgId))).toBe(denied);
    expect(await as(role, orgId, "update longshore.audit_log set action = ''")).toBe(denied);
  }
});

test('a reader of the log may verify it, and the trail of jobs is open to readers', async () => {
  await database.query('insert into longshore.org_logins (org_id, login) values ($1, session_user)', [orgId]);
  expect(await as('longshore_reader', orgId, `select * from longshore.verify_audit(${orgId})`)).toEqual([]);
  expect(await as('longshore_reader', orgId, 'select distinct org_id from longshore.audit_log')).toEqual([
    { org_id: orgId },
  ]);
  expect(await as('longshore_reader', orgId, 'select * from longshore.job_events')).toEqual([]);
});
