import type { Worker } from '@longshore/contract';
import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';

/** The registered workers of an org with their open sessions, oldest first. */
export const listWorkers = (db: Database, orgId: number): Promise<Worker[]> =>
  translateErrors(async () => {
    const workers = await db.kysely
      .selectFrom('longshore.workers')
      .selectAll()
      .where('org_id', '=', orgId)
      .orderBy('id')
      .execute();
    const sessions = await db.kysely
      .selectFrom('longshore.worker_sessions')
      .select(['id', 'worker_id', 'host', 'pid', 'kinds', 'capabilities', 'heartbeat_at'])
      .where('org_id', '=', orgId)
      .where('ended_at', 'is', null)
      .orderBy('id')
      .execute();
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
  });
