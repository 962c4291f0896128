import { connect, createAdmin } from '@longshore/db';
import type { TestDatabase } from '@longshore/test-kit';
import type { Things } from '../surface/id-kinds.ts';
import type { App } from '../surface/open-app.ts';
import { canary, makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { seedOrg } from '../surface/seed-org.ts';

/** The attacked org. */
export interface Victim extends OrgKeys {
  things: Things;
  /** Keys of its own that may not be used any more. */
  dead: Record<string, string>;
}

/** Somebody who tries; `role` is null for who may call nothing. */
export interface Attacker {
  name: string;
  key: string | undefined;
  role: 'operator' | 'admin' | 'submit' | 'worker' | null;
}

export const makeVictim = async (app: App, database: TestDatabase): Promise<Victim> => {
  const [org] = await makeOrgs(database.url, 1);
  const dead = await makeDeadKeys(database, org!.orgId);
  return { ...org!, dead, things: await seedOrg(app, org!) };
};

/** Keys of each role that are revoked or expired. */
const makeDeadKeys = async (database: TestDatabase, orgId: number): Promise<Record<string, string>> => {
  const db = connect({ url: database.url, poolSize: 1 });
  const admin = createAdmin(db);
  const dead: Record<string, string> = {};
  for (const end of ['revoked', 'expired']) {
    const column = end === 'revoked' ? 'revoked_at' : 'expires_at';
    const names: string[] = [];
    for (const role of ['admin', 'submit'] as const) {
      names.push(canary());
      dead[`${end} ${role}`] = (await admin.createKey(orgId, { role, name: names.at(-1)! })).apiKey;
    }
    const worker = canary();
    dead[`${end} worker`] = (await admin.registerWorker(orgId, { name: worker })).apiKey;
    await database.query(
      `update longshore.api_keys set ${column} = longshore.now() - interval '1 hour' where org_id = $1 and name = any ($2)`,
      [orgId, [...names, worker]],
    );
  }
  await db.close();
  return dead;
};

/** The other org's keys in each role, the operator's, the victim's own dead ones, one that nearly fits, and none. */
export const attackersOf = ({ keys }: OrgKeys, victim: Victim): Attacker[] => [
  ...(['operator', 'admin', 'submit', 'worker'] as const).map((role) => ({
    name: `${role} of another org`,
    key: keys[role],
    role,
  })),
  ...Object.entries(victim.dead).map(([name, key]) => ({ name, key, role: null })),
  { name: 'malformed', key: almost(victim.keys.admin), role: null },
  { name: 'none', key: undefined, role: null },
];

/** A key with one wrong letter. */
export const almost = (key: string): string => key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
