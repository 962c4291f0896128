import { connect, createAdmin } from '@longshore/db';

export interface DemoKeys {
  submit: string;
  workers: string[];
}

/** Makes an org straight in the database, as whoever sets a deployment up may, with a submit key and two workers' keys. */
export const createDemoOrg = async (databaseUrl: string): Promise<DemoKeys> => {
  const db = connect({ url: databaseUrl, poolSize: 1, applicationName: 'longshore-cli' });
  try {
    const admin = createAdmin(db);
    await admin.createOrg('demo');
    const orgId = await admin.orgIdOf('demo');
    const submit = await admin.createKey(orgId, { role: 'submit', name: 'demo' });
    const first = await admin.registerWorker(orgId, { name: 'worker-1' });
    const second = await admin.registerWorker(orgId, { name: 'worker-2' });
    return { submit: submit.apiKey, workers: [first.apiKey, second.apiKey] };
  } finally {
    await db.close();
  }
};
