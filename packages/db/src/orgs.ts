import { LongshoreError, type Org } from '@longshore/contract';
import type { Selectable, Transaction } from 'kysely';
import { createKeyFormat, type KeyFormat } from './api-key.ts';
import { type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { insertKey } from './key-rows.ts';
import { enter, inOrg, readAs } from './org-scope.ts';
import type { Schema } from './schema.ts';

export interface Orgs {
  /** Throws CONFLICT when the slug is taken. */
  createOrg(slug: string): Promise<Org>;
  /** The org and its first admin key, both or neither. Throws CONFLICT when the slug is taken. */
  createOrgWithAdminKey(slug: string): Promise<Org & { adminKey: string }>;
  listOrgs(): Promise<Org[]>;
  /** Throws NOT_FOUND. */
  orgIdOf(slug: string): Promise<number>;
}

/** The org of the system itself: it owns the operator keys, and who acts in it sees the other orgs by name. */
export const systemOrgId = 0;

export const createOrgs = (db: Database, actor: Actor, keyFormat: KeyFormat = createKeyFormat()): Orgs => ({
  createOrg: (slug) =>
    inOrg(db, systemOrgId, async (transaction) => {
      const org = await insertOrg(transaction, slug);
      await appendAudit(transaction, systemOrgId, actor, { action: 'orgs.create', target: slug });
      return toOrg(org);
    }),

  createOrgWithAdminKey: (slug) =>
    inOrg(db, systemOrgId, async (transaction) => {
      const org = await insertOrg(transaction, slug);
      await enter(transaction, org.id);
      const key = await insertKey(transaction, org.id, keyFormat, {
        role: 'admin',
        name: 'first admin key',
      });
      await enter(transaction, systemOrgId);
      await appendAudit(transaction, systemOrgId, actor, {
        action: 'orgs.create',
        target: slug,
        after: { adminKeyId: key.id },
      });
      return { ...toOrg(org), adminKey: key.apiKey };
    }),

  listOrgs: async () => {
    const orgs = db.kysely
      .selectFrom('longshore.orgs')
      .selectAll()
      .where('id', '<>', systemOrgId)
      .orderBy('slug');
    return (await readAs(db, systemOrgId, orgs)).map(toOrg);
  },

  orgIdOf: async (slug) => {
    const [org] = await readAs(
      db,
      systemOrgId,
      db.kysely.selectFrom('longshore.orgs').select('id').where('slug', '=', slug),
    );
    if (!org) throw new LongshoreError('NOT_FOUND', 'there is no such org', { field: 'org' });
    return org.id;
  },
});

type OrgRow = Selectable<Schema['longshore.orgs']>;

const insertOrg = async (transaction: Transaction<Schema>, slug: string): Promise<OrgRow> => {
  const row = await transaction
    .insertInto('longshore.orgs')
    .values({ slug })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  throw new LongshoreError('CONFLICT', 'this slug is taken', { field: 'slug', hint: 'Choose another.' });
};

const toOrg = ({ slug, created_at }: OrgRow): Org => ({ slug, createdAt: created_at.toISOString() });
