import { randomBytes } from 'node:crypto';
import type { Role } from '@longshore/contract';
import { connect, createAdmin, systemOrgId } from '@longshore/db';

export interface OrgKeys {
  orgId: number;
  slug: string;
  /** A key of each role; the operator's is the system's own. */
  keys: Record<Role, string>;
}

/** Text that is found nowhere else: wherever it turns up, it came from where it was put. */
export const canary = (): string => `canary-${randomBytes(8).toString('hex')}`;

/** Makes orgs as the owner of the schema, each with a key of each role. */
export const makeOrgs = async (databaseUrl: string, count: number): Promise<OrgKeys[]> => {
  const db = connect({ url: databaseUrl, poolSize: 1 });
  const admin = createAdmin(db);
  try {
    const operator = (await admin.createKey(systemOrgId, { role: 'operator', name: canary() })).apiKey;
    const orgs: OrgKeys[] = [];
    for (let made = 0; made < count; made++) {
      const slug = canary();
      await admin.createOrg(slug);
      const orgId = await admin.orgIdOf(slug);
      const createKey = async (role: 'admin' | 'submit') =>
        (await admin.createKey(orgId, { role, name: canary() })).apiKey;
      const keys = {
        operator,
        admin: await createKey('admin'),
        submit: await createKey('submit'),
        worker: (await admin.registerWorker(orgId, { name: canary() })).apiKey,
      };
      orgs.push({ orgId, slug, keys });
    }
    return orgs;
  } finally {
    await db.close();
  }
};
