import type { AddressInfo } from 'node:net';
import { buildApp, createLogger, readConfig } from '@longshore/api';
import { connect, createAdmin, type Database } from '@longshore/db';
import { openEvidenceLog } from '@longshore/test-kit';
import { myOrg, type OpenDoor, theirOrg, type Verbs } from './door.ts';
import { doDueWork } from './due-work.ts';
import type { DoorUrls } from './use-door.ts';

/** The keys that a caller of one org needs. */
export interface OrgKeys {
  submit: string;
  worker: string;
  admin: string;
}

/**
 * A door over HTTP to an API that does nothing by itself: the app's own duties begin with its `listen`, so the server
 * listens without it, and the test decides when something falls due.
 */
export const openHttpDoor = async (
  { apiUrl: url }: DoorUrls,
  connectVerbs: (url: string, keys: OrgKeys) => Verbs,
): Promise<OpenDoor> => {
  const db = connect({ url, poolSize: 4 });
  const config = readConfig({ DATABASE_URL: url, LONGSHORE_LISTEN_DATABASE_URL: 'off' });
  const app = await buildApp({ config, db, logger: createLogger('trace', openEvidenceLog()) });
  await app.ready();
  await new Promise<void>((resolve) => app.server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    mine: connectVerbs(address, await makeKeys(db, myOrg)),
    theirs: connectVerbs(address, await makeKeys(db, theirOrg)),
    runDuties: () => doDueWork(db),
    close: async () => {
      await app.close();
      app.server.closeAllConnections();
      app.server.close();
      await db.close();
    },
  };
};

const makeKeys = async (db: Database, slug: string): Promise<OrgKeys> => {
  const admin = createAdmin(db);
  await admin.createOrg(slug);
  const orgId = await admin.orgIdOf(slug);
  return {
    submit: (await admin.createKey(orgId, { role: 'submit', name: 'submit' })).apiKey,
    worker: (await admin.registerWorker(orgId, { name: 'http worker' })).apiKey,
    admin: (await admin.createKey(orgId, { role: 'admin', name: 'admin' })).apiKey,
  };
};

/** The answer, or null where the API says that there is none of this. */
export const orNull = async <Answer>(call: Promise<Answer>, ...codes: string[]): Promise<Answer | null> => {
  try {
    return await call;
  } catch (error) {
    if (codes.includes((error as { code?: string }).code ?? '')) return null;
    throw error;
  }
};
