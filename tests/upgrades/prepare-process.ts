import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Lets the release in the folder RELEASE make the database OWNER_URL its own; tells the keys and the API login that it made. */
const { connect, createAdmin, createLogins, migrate, urlForLogin } = (await import(
  pathToFileURL(`${process.env.RELEASE}/packages/db/src/index.ts`).href
)) as typeof import('@longshore/db');

const url = process.env.OWNER_URL!;
const login = process.env.API_LOGIN!;
await migrate(url);
const db = connect({ url, poolSize: 1 });
const admin = createAdmin(db);
await admin.createOrg('acme');
const orgId = await admin.orgIdOf('acme');
const prepared = {
  apiUrl: urlForLogin(url, login, await createLogins(db).ensureLogin({ login, role: 'api' })),
  submitKey: (await admin.createKey(orgId, { role: 'submit', name: 'caller' })).apiKey,
  workerKey: (await admin.registerWorker(orgId, { name: 'echo' })).apiKey,
};
await db.close();
writeSync(1, `prepared ${JSON.stringify(prepared)}\n`);
