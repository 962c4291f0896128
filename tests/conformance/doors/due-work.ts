import { createDueReads, createJobLifecycle, type Database } from '@longshore/db';

/** One round of every duty, as an API process would do it. */
export const doDueWork = async (db: Database): Promise<void> => {
  const due = createDueReads(db);
  const lifecycle = createJobLifecycle(db);
  for (const { orgId, sessionId } of await due.deadSessions(1_000))
    await lifecycle.rescue(orgId, [sessionId]);
  for (const orgId of await due.orgsToTimeOut(100)) await lifecycle.timeOut(orgId);
  for (const orgId of await due.orgsToUnblock(100)) await lifecycle.unblock(orgId);
  for (const { orgId, id } of await due.dueJobs(1_000)) await lifecycle.promote(orgId, [id]);
};
