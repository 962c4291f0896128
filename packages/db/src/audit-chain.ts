import { LongshoreError } from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';
import type { Schema } from './schema.ts';

/** The end of an org's audit log at some time, to be kept outside the database; `hash` in hexadecimal digits. */
export interface AuditHead {
  org: string;
  orgId: number;
  seq: number;
  hash: string;
}

/** A place where the log is not the chain that was written; see migrations/functions/verify_audit.sql for the reasons. */
export interface AuditBreak {
  seq: number;
  reason: 'changed' | 'missing' | 'moved' | 'unlinked' | 'cut' | 'head' | 'rewritten';
  detail: string;
}

export interface AuditReport extends AuditHead {
  rows: number;
  /** In order, the first thousand at most; none when the log is whole. */
  breaks: AuditBreak[];
}

export interface VerifyAuditOptions {
  /** Slug of the only org to look at. */
  org?: string | undefined;
  /** Heads that were saved before: each must still be in its chain, which also finds one that was rewritten as a whole. */
  expected?: readonly AuditHead[] | undefined;
}

/**
 * Checks the audit log of every org that the login may read, in one snapshot. Needs the owner of the schema or a login of
 * longshore_reader. Throws NOT_FOUND for an org that does not exist.
 */
export const verifyAudit = (
  db: Database,
  { org, expected = [] }: VerifyAuditOptions = {},
): Promise<AuditReport[]> =>
  translateErrors(() =>
    db.kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (snapshot) => {
        const orgs = await findOrgs(snapshot, org);
        const reports: AuditReport[] = [];
        for (const head of orgs) reports.push(await verifyOrg(snapshot, head, expected));
        const gone = expected.filter(
          (head) =>
            (org === undefined || org === head.org) && orgs.every(({ orgId }) => orgId !== head.orgId),
        );
        return [...reports, ...gone.map((head) => ({ ...head, rows: 0, breaks: [rewritten(head.seq)] }))];
      }),
  );

const breaksMax = 1_000;

const rewritten = (seq: number): AuditBreak => ({
  seq,
  reason: 'rewritten',
  detail: 'the row that was saved as the end is not in the log any more',
});

/** The orgs with the heads of their chains; seq 0 and no hash for one whose log is empty. */
const findOrgs = async (snapshot: Transaction<Schema>, slug: string | undefined): Promise<AuditHead[]> => {
  let orgs = snapshot
    .selectFrom('longshore.orgs as orgs')
    .leftJoin('longshore.audit_heads as heads', 'heads.org_id', 'orgs.id')
    .select(['orgs.id', 'orgs.slug', 'heads.seq', 'heads.hash'])
    .orderBy('orgs.id');
  if (slug !== undefined) orgs = orgs.where('orgs.slug', '=', slug);
  const found = await orgs.execute();
  if (slug !== undefined && found.length === 0)
    throw new LongshoreError('NOT_FOUND', 'there is no such org', { field: 'org' });
  return found.map(({ id, slug, seq, hash }) => ({
    org: slug,
    orgId: id,
    seq: Number(seq ?? 0),
    hash: hash?.toString('hex') ?? '',
  }));
};

const verifyOrg = async (
  snapshot: Transaction<Schema>,
  head: AuditHead,
  expected: readonly AuditHead[],
): Promise<AuditReport> => {
  const { rows: found } = await sql<Omit<AuditBreak, 'seq'> & { seq: string }>`
    select * from longshore.verify_audit(${head.orgId}) limit ${breaksMax}
  `.execute(snapshot);
  const breaks = found.map(({ seq, ...what }) => ({ seq: Number(seq), ...what }));
  for (const saved of expected) {
    if (saved.orgId === head.orgId && !(await isInLog(snapshot, saved))) breaks.push(rewritten(saved.seq));
  }
  const { rows } = await snapshot
    .selectFrom('longshore.audit_log')
    .select(({ fn }) => fn.countAll<string>().as('rows'))
    .where('org_id', '=', head.orgId)
    .executeTakeFirstOrThrow();
  return { ...head, rows: Number(rows), breaks };
};

const isInLog = async (snapshot: Transaction<Schema>, { orgId, seq, hash }: AuditHead): Promise<boolean> => {
  if (seq === 0) return true;
  const row = await snapshot
    .selectFrom('longshore.audit_log')
    .select('hash')
    .where('org_id', '=', orgId)
    .where('seq', '=', String(seq))
    .executeTakeFirst();
  return row?.hash.toString('hex') === hash;
};
