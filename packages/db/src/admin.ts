import { createKeyFormat, type KeyFormat } from './api-key.ts';
import { type Actor, databaseActor } from './audit.ts';
import type { Database } from './connect.ts';
import { createKeys, type Keys } from './keys.ts';
import { createOrgs, type Orgs } from './orgs.ts';
import { createQueueHistory, type QueueHistory } from './queue-retention.ts';
import { createQueues, type Queues } from './queues.ts';
import { createWorkers, type Workers } from './workers.ts';

/** What people do to orgs, keys, workers and queues. Each act and its row in the audit log are one transaction. */
export type Admin = Orgs & Keys & Workers & Queues & QueueHistory;

/**
 * Acts in somebody's name; without one, in that of whoever holds the database connection. New keys have the form that the
 * deployment is set to (see `loadKeyFormat`).
 */
export const createAdmin = (
  db: Database,
  actor: Actor = databaseActor,
  keyFormat: KeyFormat = createKeyFormat(),
): Admin => ({
  ...createOrgs(db, actor, keyFormat),
  ...createKeys(db, actor, keyFormat),
  ...createWorkers(db, actor, keyFormat),
  ...createQueues(db, actor),
  ...createQueueHistory(db, actor),
});
