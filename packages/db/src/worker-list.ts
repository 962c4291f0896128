import type { Worker } from '@longshore/contract';
import type { Database } from './connect.ts';
import { readAs } from './org-scope.ts';

/** The registered workers of an org with their open sessions, oldest first. */
export const listWorkers = async (db: Database, orgId: number): Promise<Worker[]> => {
  const [workers, sessions] = await Promise.all([
    readAs(
      db,
      orgId,
      db.kysely.selectFrom('longshore.workers').selectAll().where('org_id', '=', orgId).orderBy('id'),
    ),
    readAs(
      db,
      orgId,
      db.kysely
        .selectFrom('longshore.worker_sessions')
        .select(['id', 'worker_id', 'host', 'pid', 'kinds', 'capabilities', 'heartbeat_at'])
        .where('org_id', '=', orgId)
        .where('ended_at', 'is', null)
        .orderBy('id'),
    ),
  ]);
  const byWorker = Map.groupBy(sessions, (session) => session.worker_id);
  return workers.map((worker) => ({
    id: worker.id,
    name: worker.name,
    allowedCapabilities: worker.allowed_capabilities,
    createdAt: worker.created_at.toISOString(),
    revokedAt: worker.revoked_at?.toISOString() ?? null,
    sessions: (byWorker.get(worker.id) ?? []).map(({ worker_id: _, heartbeat_at, ...session }) => ({
      ...session,
      heartbeatAt: heartbeat_at.toISOString(),
    })),
  }));
};
