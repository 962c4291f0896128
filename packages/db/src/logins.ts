import { randomBytes } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { sql } from 'kysely';
import { type Actor, appendAudit, databaseActor } from './audit.ts';
import type { Database } from './connect.ts';
import { inOrg } from './org-scope.ts';
import { createOrgs, systemOrgId } from './orgs.ts';

/** `api` for API processes, `submit` for services that submit by SQL, `reader` for dashboards. */
export const loginRoles = ['api', 'submit', 'reader'] as const;
export type LoginRole = (typeof loginRoles)[number];

export interface NewLogin {
  /** Name of the PostgreSQL role: a-z, 0-9 and _. */
  login: string;
  role: LoginRole;
  /** Slug of the org that a submit or reader login acts for; `*` lets a reader read every org. Not for `api`. */
  org?: string | undefined;
}

/**
 * Makes a PostgreSQL login with a new random password and answers the password, which is stored nowhere else; a login of
 * that name and role gets a new one. Takes a connection that may create roles. Throws INVALID_INPUT, NOT_FOUND, CONFLICT.
 */
export const ensureLogin = async (
  db: Database,
  { login, role, org }: NewLogin,
  actor: Actor = databaseActor,
): Promise<string> => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(login))
    throw new LongshoreError('INVALID_INPUT', 'must be 1 to 63 of a-z, 0-9 and _', { field: 'login' });
  const boundTo = await orgToBind(db, role, org);
  const password = randomBytes(24).toString('base64url');
  const auditedOrgId = boundTo ?? systemOrgId;
  await inOrg(db, auditedOrgId, async (transaction) => {
    await sql`select longshore.ensure_login(${login}, ${password}, ${`longshore_${role}`}, ${boundTo})`.execute(
      transaction,
    );
    await appendAudit(transaction, auditedOrgId, actor, {
      action: 'logins.create',
      target: login,
      after: { role },
    });
  });
  return password;
};

/** The same server and database for another login. */
export const urlForLogin = (url: string, login: string, password: string): string => {
  const changed = new URL(url);
  changed.username = login;
  changed.password = password;
  return changed.href;
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
  if (org !== '*') return createOrgs(db, databaseActor).orgIdOf(org);
  if (role === 'reader') return systemOrgId;
  throw new LongshoreError('INVALID_INPUT', 'a submit login acts for one org', { field: 'org' });
};
