import { randomBytes } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import { type Actor, appendAudit, databaseActor } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg, readAs } from './org-scope.ts';
import { createOrgs, systemOrgId } from './orgs.ts';
import type { Schema } from './schema.ts';

/** `api` for API processes, `submit` for services that submit by SQL, `reader` for dashboards. */
export const loginRoles = ['api', 'submit', 'reader'] as const;
export type LoginRole = (typeof loginRoles)[number];

export interface Login {
  /** Name of the PostgreSQL role: a-z, 0-9 and _. */
  login: string;
  role: LoginRole;
  /** Slug of the org that a submit or reader login acts for; `*` lets a reader read every org. Not for `api`. */
  org?: string | undefined;
}

/** PostgreSQL logins that act without a key. All of it takes a connection of the schema's owner that may create roles. */
export interface Logins {
  /**
   * Makes the login with a new random password and answers the password, which is stored nowhere else; a login of that name,
   * role and org gets a new one. Throws INVALID_INPUT, NOT_FOUND for the org, CONFLICT for a role of another purpose and for a
   * login that is bound, but not to this org.
   */
  ensureLogin(login: Login): Promise<string>;
  /**
   * Lets a login that exists act for an org, such as a service's own. Throws INVALID_INPUT, NOT_FOUND, and CONFLICT for a role
   * of Longshore itself and for one that would both serve every org and be bound to one.
   */
  bindLogin(login: Login): Promise<void>;
  /** Takes the org from a login. Throws NOT_FOUND when it is not bound to it. */
  unbindLogin(login: { login: string; org: string }): Promise<void>;
  /** Who is bound to which org; `*` for every org. */
  listLogins(): Promise<{ login: string; org: string; createdAt: string }[]>;
}

export const createLogins = (db: Database, actor: Actor = databaseActor): Logins => {
  const change = async (
    { login, role, org }: Login,
    action: string,
    prepare: (transaction: Transaction<Schema>, boundTo: number | null) => Promise<unknown> = async () => {},
  ): Promise<void> => {
    requireName(login);
    const boundTo = await orgToBind(db, role, org);
    const auditedOrgId = boundTo ?? systemOrgId;
    await inOrg(db, auditedOrgId, async (transaction) => {
      await prepare(transaction, boundTo);
      await sql`select longshore.bind_login(${login}, ${`longshore_${role}`}, ${boundTo})`.execute(
        transaction,
      );
      await appendAudit(transaction, auditedOrgId, actor, { action, target: login, after: { role } });
    });
  };

  return {
    ensureLogin: async (asked) => {
      const password = randomBytes(24).toString('base64url');
      await change(asked, 'logins.create', async (transaction, boundTo) => {
        await requireOwnName(transaction, asked.login, boundTo);
        await sql`select longshore.ensure_login(${asked.login}, ${password}, ${`longshore_${asked.role}`})`.execute(
          transaction,
        );
      });
      return password;
    },

    bindLogin: (asked) => change(asked, 'logins.bind'),

    unbindLogin: async ({ login, org }) => {
      const orgId = await boundOrgId(db, org);
      await inOrg(db, orgId, async (transaction) => {
        const row = await transaction
          .deleteFrom('longshore.org_logins')
          .where('org_id', '=', orgId)
          .where('login', '=', login)
          .returning('login')
          .executeTakeFirst();
        if (!row)
          throw new LongshoreError('NOT_FOUND', 'this login is not bound to that org', { field: 'login' });
        await appendAudit(transaction, orgId, actor, { action: 'logins.unbind', target: login });
      });
    },

    listLogins: async () => {
      const bound = db.kysely
        .selectFrom('longshore.org_logins as logins')
        .innerJoin('longshore.orgs as orgs', 'orgs.id', 'logins.org_id')
        .select(['logins.login', 'logins.org_id', 'orgs.slug', 'logins.created_at'])
        .orderBy('logins.login')
        .orderBy('orgs.slug');
      return (await readAs(db, systemOrgId, bound)).map((row) => ({
        login: row.login,
        org: row.org_id === systemOrgId ? everyOrg : row.slug,
        createdAt: row.created_at.toISOString(),
      }));
    },
  };
};

/** The same server and database for another login. */
export const urlForLogin = (url: string, login: string, password: string): string => {
  const changed = new URL(url);
  changed.username = login;
  changed.password = password;
  return changed.href;
};

const everyOrg = '*';

const requireName = (login: string): void => {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(login)) return;
  throw new LongshoreError('INVALID_INPUT', 'must be 1 to 63 of a-z, 0-9 and _', { field: 'login' });
};

/**
 * A new password must not open another org, neither one that the login is bound to nor one that a role of this name, dropped
 * since, was bound to.
 */
const requireOwnName = async (
  transaction: Transaction<Schema>,
  login: string,
  orgId: number | null,
): Promise<void> => {
  // Of two that create one name at a time, the second sees what the first bound.
  await sql`lock table longshore.org_logins in share row exclusive mode`.execute(transaction);
  const { rows } = await sql`select from pg_catalog.pg_roles where rolname = ${login}`.execute(transaction);
  if (rows.length === 0) {
    await transaction.deleteFrom('longshore.org_logins').where('login', '=', login).execute();
    return;
  }
  const bound = await transaction
    .selectFrom('longshore.org_logins')
    .select('org_id')
    .where('login', '=', login)
    .execute();
  if (bound.length === 0 || bound.some(({ org_id }) => org_id === orgId)) return;
  throw new LongshoreError('CONFLICT', 'is bound to another org', {
    field: 'login',
    hint: 'Choose another name, or add an org to this login: longshore logins bind',
  });
};

const orgToBind = async (db: Database, role: LoginRole, org: string | undefined): Promise<number | null> => {
  if (role === 'api') {
    if (org === undefined) return null;
    throw new LongshoreError('INVALID_INPUT', 'is not for API logins, which serve every org', {
      field: 'org',
    });
  }
  if (org === undefined)
    throw new LongshoreError('INVALID_INPUT', 'is missing', {
      field: 'org',
      hint: 'Name the org it acts for.',
    });
  if (org === everyOrg && role === 'submit')
    throw new LongshoreError('INVALID_INPUT', 'must be one org for a login that submits', { field: 'org' });
  return boundOrgId(db, org);
};

const boundOrgId = async (db: Database, org: string): Promise<number> =>
  org === everyOrg ? systemOrgId : createOrgs(db, databaseActor).orgIdOf(org);
