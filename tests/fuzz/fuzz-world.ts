import { randomBytes } from 'node:crypto';
import { connect, createKeyFormat, createLogins, urlForLogin } from '@longshore/db';
import pg from 'pg';
import { type App, act, ask } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { seedOrg } from '../surface/seed-org.ts';
import type { Caller } from './fuzz-cases.ts';

export interface FuzzWorld extends OrgKeys {
  /** What `<<kind place>>` in a case stands for. */
  things: Record<string, string[]>;
}

/** A new org with rows of every kind, so that what earlier cases left behind does not slow down the later ones. */
export const makeFuzzWorld = async (app: App, databaseUrl: string): Promise<FuzzWorld> => {
  const [org] = (await makeOrgs(databaseUrl, 1)) as [OrgKeys];
  const things = await seedOrg(app, org);
  return {
    ...org,
    things: {
      ...things,
      // Only those that nobody uses: a case may revoke them.
      key: things.key.slice(0, 1),
      worker: things.worker.slice(0, 1),
      apiKey: [org.keys.submit, createKeyFormat().generate('submit')],
    },
  };
};

const leases = 40;

/** Leases that hold and a session that is open, for the next cases to use up. */
export const refreshLeases = async (app: App, { keys, things }: FuzzWorld): Promise<void> => {
  const kind = 'fuzz lease';
  const open = async (): Promise<string> =>
    (
      await act<{ sessionId: string }>(app, 'worker.openSession', keys.worker, {
        kinds: [kind],
        leaseSeconds: 3_600,
      })
    ).sessionId;
  things.spareSession = [await open(), await open()];
  things.session = [await open()];
  const jobs = Array.from({ length: leases }, () => ({ kind, payload: null }));
  await act(app, 'jobs.submitMany', keys.submit, { jobs });
  const claim = { name: 'worker.claim', type: 'mutation' };
  const input = JSON.stringify({ sessionId: things.session[0], limit: leases });
  const claimed = (await ask(app, claim, keys.worker, input)).data as {
    jobs: { id: string; leaseToken: string }[];
  };
  things.job = claimed.jobs.map(({ id }) => id);
  things.lease = claimed.jobs.map(({ leaseToken }) => leaseToken);
};

export const keyOf = ({ keys }: OrgKeys, caller: Caller): string | undefined => {
  if (caller === 'none') return undefined;
  return caller === 'malformed' ? `${keys.admin.slice(0, -1)}_` : keys[caller];
};

/** Connections of a login that may submit for the org and nothing else. */
export const openSqlDoor = async (databaseUrl: string, slug: string, connections: number) => {
  const login = `longshore_fuzz_${randomBytes(6).toString('hex')}`;
  const db = connect({ url: databaseUrl, poolSize: 1 });
  const password = await createLogins(db).ensureLogin({ login, role: 'submit', org: slug });
  const pool = new pg.Pool({
    connectionString: urlForLogin(databaseUrl, login, password),
    max: connections,
  });
  pool.on('error', () => {});
  return {
    pool,
    close: async () => {
      await pool.end();
      await db.pool.query(`drop role ${login}`);
      await db.close();
    },
  };
};
