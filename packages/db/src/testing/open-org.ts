import { createAdmin } from '../admin.ts';
import { connect, type Database } from '../connect.ts';
import { createJobLifecycle } from '../job-lifecycle.ts';
import type { JobLifecycle, SessionFilter } from '../lifecycle-types.ts';
import { createSessions } from '../sessions.ts';

/** Sessions of one new worker, which may all be given the same jobs. */
export interface OpenSessions {
  workerId: string;
  sessionIds: string[];
  filter: SessionFilter;
  isLimited: boolean;
}

/** An org and its verbs, called as an API process calls them. */
export interface OpenOrg {
  orgId: number;
  lifecycle: JobLifecycle;
  openSessions(
    kinds: string[],
    count: number,
    policy?: { maxConcurrentJobs?: number },
  ): Promise<OpenSessions>;
  close(): Promise<void>;
}

/** Makes an org in a test database. Its name is taken then: one a database. */
export const openOrg = async (database: { url: string; apiUrl: string }): Promise<OpenOrg> => {
  const owner = connect({ url: database.url, poolSize: 1 });
  await createAdmin(owner).createOrg('acme');
  const orgId = await createAdmin(owner).orgIdOf('acme');
  await owner.close();
  const db = connect({ url: database.apiUrl });
  return {
    orgId,
    lifecycle: createJobLifecycle(db),
    openSessions: (kinds, count, policy = {}) => openSessions(db, orgId, { kinds, count, policy }),
    close: () => db.close(),
  };
};

const openSessions = async (
  db: Database,
  orgId: number,
  { kinds, count, policy }: { kinds: string[]; count: number; policy: { maxConcurrentJobs?: number } },
): Promise<OpenSessions> => {
  const name = `worker ${crypto.randomUUID()}`;
  const { id: workerId } = await createAdmin(db).registerWorker(orgId, { name, ...policy });
  const sessions = createSessions(db);
  const sessionIds: string[] = [];
  while (sessionIds.length < count)
    sessionIds.push((await sessions.open(orgId, workerId, { kinds, capabilities: [] })).sessionId);
  const { filter, isLimited } = (await sessions.find(orgId, sessionIds[0]!))!;
  return { workerId, sessionIds, filter, isLimited };
};
