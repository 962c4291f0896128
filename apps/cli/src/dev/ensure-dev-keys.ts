import {
  connect,
  createAdmin,
  databaseActor,
  findKeyByHash,
  type KeyFormat,
  systemOrgId,
} from '@longshore/db';
import { type DevKeys, readDevKeys, writeDevKeys } from '../dev-keys.ts';

const org = 'dev';

/** The keys of the org `dev`: those of the file while this database knows them all, else new ones. */
export const ensureDevKeys = async (
  databaseUrl: string,
  url: string,
  file: string,
  keyFormat: KeyFormat,
): Promise<DevKeys> => {
  const db = connect({ url: databaseUrl, poolSize: 1, applicationName: 'longshore-cli' });
  try {
    const admin = createAdmin(db, databaseActor, keyFormat);
    const known = readDevKeys(file);
    const isKnown = async (key: string): Promise<boolean> =>
      (await findKeyByHash(db, keyFormat.hash(key))) !== null;
    const areKnown = known ? await Promise.all(keysOf(known).map(isKnown)) : [false];
    const keys = known && areKnown.every(Boolean) ? { ...known, url } : await createKeys(admin, url);
    writeDevKeys(file, keys);
    return keys;
  } finally {
    await db.close();
  }
};

const keysOf = ({ operator, admin, submit, worker }: DevKeys): string[] => [operator, admin, submit, worker];

const createKeys = async (admin: ReturnType<typeof createAdmin>, url: string): Promise<DevKeys> => {
  const orgs = await admin.listOrgs();
  if (!orgs.some(({ slug }) => slug === org)) await admin.createOrg(org);
  const orgId = await admin.orgIdOf(org);
  return {
    url,
    org,
    operator: (await admin.createKey(systemOrgId, { role: 'operator', name: 'dev' })).apiKey,
    admin: (await admin.createKey(orgId, { role: 'admin', name: 'dev' })).apiKey,
    submit: (await admin.createKey(orgId, { role: 'submit', name: 'dev' })).apiKey,
    worker: (await admin.registerWorker(orgId, { name: 'dev' })).apiKey,
  };
};
