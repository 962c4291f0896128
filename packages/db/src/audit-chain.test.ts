import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { appendAudit, databaseActor } from './audit.ts';
import { type AuditHead, type AuditReport, verifyAudit } from './audit-chain.ts';
import { connect, type Database } from './connect.ts';
import { inOrg } from './org-scope.ts';

const database = useDatabase();
const rowsPerOrg = 40;
let db: Database;
let api: Database;
let orgId: number;
beforeAll(async () => {
  db = connect({ url: database.url });
  api = connect({ url: database.apiUrl });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  await admin.createOrg('other');
  orgId = await admin.orgIdOf('acme');
  const orgs = [orgId, await admin.orgIdOf('other')];
  for (let row = 0; row < rowsPerOrg; row++) {
    for (const id of orgs) await admin.pauseQueue(id, `queue-${row}`);
  }
});
afterAll(() => Promise.all([db.close(), api.close()]));

const brokenOf = (reports: AuditReport[]) => reports.flatMap(({ breaks }) => breaks);
const toHead = ({ org, orgId, seq, hash }: AuditReport): AuditHead => ({ org, orgId, seq, hash });

test('a log that nobody touched is whole, and so are its saved heads', async () => {
  const reports = await verifyAudit(db);
  expect(reports.map(({ org, rows, seq }) => ({ org, rows, seq }))).toEqual([
    { org: 'longshore', rows: expect.any(Number), seq: reports[0]!.rows },
    { org: 'acme', rows: rowsPerOrg, seq: rowsPerOrg },
    { org: 'other', rows: rowsPerOrg, seq: rowsPerOrg },
  ]);
  await createAdmin(db).resumeQueue(orgId, 'queue-0');
  expect(brokenOf(await verifyAudit(db, { expected: reports.map(toHead) }))).toEqual([]);
});

describe('what verify says of', () => {
  test.for([
    ['a change', "update longshore.audit_log set after = 'null' where seq = 3", [[3, 'changed']]],
    [
      'a deletion',
      'delete from longshore.audit_log where seq in (3, 4)',
      [
        [5, 'missing'],
        [5, 'unlinked'],
      ],
    ],
    ['a cut', 'delete from longshore.audit_log where seq > 5', [[41, 'cut']]],
    [
      'a row moved to another place',
      `update longshore.audit_log as here set previous_hash = there.hash
       from longshore.audit_log as there where here.org_id = ORG and there.org_id = here.org_id and there.seq = 2 and here.seq = 9`,
      [
        [9, 'changed'],
        [9, 'moved'],
      ],
    ],
    ['a lost head', 'delete from longshore.audit_heads', [[41, 'head']]],
  ] as const)('%s', async ([, sql, expected]) => {
    const client = await database.connect();
    await client.query('begin');
    await client.query(sql.replace('ORG', String(orgId)));
    const { rows } = await client.query('select * from longshore.verify_audit($1)', [orgId]);
    await client.query('rollback');
    expect(rows.map(({ seq, reason }) => [Number(seq), reason])).toEqual(expected);
  });
});

test('a saved head of a log that was rewritten as a whole, or of an org that is gone, is missed', async () => {
  const [, acme] = (await verifyAudit(db)).map(toHead);
  const other = { ...acme!, hash: '00'.repeat(32) };
  const gone = { org: 'gone', orgId: 4711, seq: 1, hash: '00'.repeat(32) };
  const reports = await verifyAudit(db, { expected: [acme!, other, gone] });
  expect(brokenOf(reports).map(({ seq, reason }) => ({ seq, reason }))).toEqual([
    { seq: acme!.seq, reason: 'rewritten' },
    { seq: 1, reason: 'rewritten' },
  ]);
});

test('acts at the same time in one org stand in one line, and one that is rolled back leaves no gap', async () => {
  const pause = (queue: string) => createAdmin(api).pauseQueue(orgId, queue);
  const giveUp = () =>
    inOrg(api, orgId, async (transaction) => {
      await appendAudit(transaction, orgId, databaseActor, { action: 'test', target: 'rolled back' });
      throw new Error('on purpose');
    }).catch(() => {});
  const before = (await verifyAudit(db, { org: 'acme' }))[0]!.rows;
  await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? pause(`at-once-${n}`) : giveUp())));
  const [report] = await verifyAudit(db, { org: 'acme' });
  expect(report).toMatchObject({ breaks: [], rows: before + 10 });
});
