import {
  type AuditHead,
  type AuditReport,
  connect,
  createAdmin,
  type Database,
  verifyAudit,
} from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTampering, type Tampering, tamperAtRandom } from './audit-tampering.ts';

const database = useDatabase();
let db: Database;
let orgId: number;
beforeAll(async () => {
  db = connect({ url: database.url });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  orgId = await admin.orgIdOf('acme');
  for (let row = 0; row < 40; row++) await admin.pauseQueue(orgId, `queue-${row}`);
});
afterAll(() => db.close());

const toHead = ({ org, orgId, seq, hash }: AuditReport): AuditHead => ({ org, orgId, seq, hash });

test('each of 1,000 random tamperings by a superuser is found', async () => {
  const client = await database.connect();
  await prepareTampering(client);
  const saved = (await verifyAudit(db)).map(toHead);
  const missed: Tampering[] = [];
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 1_000; seed++) {
    await client.query('begin');
    const tampering = await tamperAtRandom(client, orgId, seed);
    seen.set(tampering.name, (seen.get(tampering.name) ?? 0) + 1);
    if (!(await isFound(client, tampering, saved))) missed.push(tampering);
    await client.query('rollback');
  }
  expect(missed).toEqual([]);
  expect(Math.min(...seen.values())).toBeGreaterThan(20);
  const untouched = await verifyAudit(db, { expected: saved });
  expect(untouched.flatMap(({ breaks }) => breaks)).toEqual([]);
});

/** By the database alone or, where all that the database holds was made consistent again, by a saved head. */
const isFound = async (
  client: pg.Client,
  { isConsistent }: Tampering,
  saved: AuditHead[],
): Promise<boolean> => {
  const { rows: breaks } = await client.query('select * from longshore.verify_audit($1)', [orgId]);
  if (!isConsistent) return breaks.length > 0;
  expect(breaks).toEqual([]);
  const { seq, hash } = saved.find((head) => head.orgId === orgId)!;
  const { rows } = await client.query(
    "select from longshore.audit_log where org_id = $1 and seq = $2 and encode(hash, 'hex') = $3",
    [orgId, seq, hash],
  );
  return rows.length === 0;
};
