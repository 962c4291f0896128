import { connect, createAdmin } from '@longshore/db';

export interface OrgWithKeys {
  orgId: number;
  keys: { submit: string; worker: string };
}

/** Makes an org, a key that submits and a worker, straight in the database: no API need run. */
export const addOrg = async (databaseUrl: string, slug: string): Promise<OrgWithKeys> => {
  const db = connect({ url: databaseUrl, poolSize: 1 });
  try {
    const admin = createAdmin(db);
    await admin.createOrg(slug);
    const orgId = await admin.orgIdOf(slug);
    const submit = (await admin.createKey(orgId, { role: 'submit', name: 'submit' })).apiKey;
    const worker = (await admin.registerWorker(orgId, { name: 'worker' })).apiKey;
    return { orgId, keys: { submit, worker } };
  } finally {
    await db.close();
  }
};
