import type { Worker, WorkerStatus } from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import { readCompiled } from './org-scope.ts';
import { createPresence } from './presence.ts';
import { toPolicy, type WorkerRow } from './worker-policy.ts';

/** The registered workers of an org with their open sessions, oldest first. */
export const listWorkers = async (db: Database, orgId: number): Promise<Worker[]> => {
  const [workers, connected] = await Promise.all([
    readWorkers(db, orgId),
    createPresence(db).listSessions(orgId),
  ]);
  const byWorker = Map.groupBy(connected, ({ workerId }) => workerId);
  return workers.map((worker) => {
    const sessions = byWorker.get(worker.id) ?? [];
    return {
      id: worker.id,
      name: worker.name,
      status: worker.status,
      policy: toPolicy(worker),
      metadata: worker.metadata,
      runningJobs: sessions.reduce((sum, { runningJobs }) => sum + runningJobs, 0),
      createdAt: worker.created_at.toISOString(),
      lastSeenAt: worker.last_seen_at?.toISOString() ?? null,
      expiresAt: worker.expires_at?.toISOString() ?? null,
      revokedAt: worker.revoked_at?.toISOString() ?? null,
      sessions,
    };
  });
};

interface ListedRow extends WorkerRow {
  status: WorkerStatus;
  last_seen_at: Date | null;
}

const readWorkers = (db: Database, orgId: number): Promise<ListedRow[]> => {
  const listed = sql<ListedRow>`
    select
      workers.*,
      seen.at as last_seen_at,
      case
        when workers.revoked_at is not null then 'revoked'
        when workers.expires_at <= longshore.now() then 'expired'
        when seen.at > longshore.now() - interval '5 minutes' then 'active'
        else 'stale'
      end as status
    from longshore.workers
    cross join lateral (
      select greatest(
        (
          select max(sessions.heartbeat_at) from longshore.worker_sessions as sessions
          where sessions.org_id = ${orgId} and sessions.worker_id = workers.id and sessions.ended_at is null
        ),
        (
          select max(keys.last_used_at) from longshore.api_keys as keys
          where keys.org_id = ${orgId} and keys.worker_id = workers.id
        )
      ) as at
    ) as seen
    where workers.org_id = ${orgId}
    order by workers.id
  `;
  return readCompiled(db, orgId, listed.compile(db.kysely));
};
