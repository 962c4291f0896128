import { type Actor, databaseActor } from './audit.ts';
import type { Database } from './connect.ts';
import { createKeys, type Keys } from './keys.ts';
import { createOrgs, type Orgs } from './orgs.ts';
import { createQueues, type Queues } from './queues.ts';
import { createWorkers, type Workers } from './workers.ts';

/** What people do to orgs, keys, workers and queues. Each act and its row in the audit log are one transaction. */
export type Admin = Orgs & Keys & Workers & Queues;

/** Acts in somebody's name; without one, in that of whoever holds the database connection. */
export const createAdmin = (db: Database, actor: Actor = databaseActor): Admin => ({
  ...createOrgs(db, actor),
  ...createKeys(db, actor),
  ...createWorkers(db, actor),
  ...createQueues(db, actor),
});
