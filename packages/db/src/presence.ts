import type { ConnectedWorker, PickWorkerInput, SessionInfo } from '@longshore/contract';
import { type Selectable, sql } from 'kysely';
import type { Database } from './connect.ts';
import { readAs, readCompiled } from './org-scope.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** Which session, of all orgs. */
export interface SessionPlace {
  orgId: number;
  sessionId: string;
}

/** A process of an org. */
export type WorkerOfOrg = ConnectedWorker & { org: string };

/** A session that has begun, or one that has ended. */
export type SessionChange =
  | (SessionPlace & { isOpen: true; worker: WorkerOfOrg })
  /** `worker` and `reason` are null for one of which nothing is left. */
  | (SessionPlace & {
      isOpen: false;
      worker: WorkerOfOrg | null;
      reason: 'closed' | 'dead' | 'revoked' | null;
      heldJobIds: string[];
    });

/** Who is connected, and how they are. */
export interface Presence {
  /** The processes that are connected, oldest first. */
  listSessions(orgId: number): Promise<SessionInfo[]>;
  /**
   * Of those that are available, fit and have room (in the category too, where one is named), the one with the smallest part of its
   * concurrency in use; null when there is none.
   */
  pickSession(orgId: number, wanted: PickWorkerInput): Promise<SessionInfo | null>;
  /** What differs from what the caller knows to be open, of all orgs, and what it does not know and ended in the last seconds. */
  sessionChanges(known: readonly SessionPlace[], endedSeconds: number): Promise<SessionChange[]>;
}

export const createPresence = (db: Database): Presence => ({
  listSessions: async (orgId) => {
    const connected = db.kysely
      .selectFrom('longshore.worker_health')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('disconnected_at', 'is', null)
      .orderBy('session_id');
    return (await readAs(db, orgId, connected)).map(toSessionInfo);
  },

  pickSession: async (orgId, wanted) => {
    const [row] = await readCompiled(db, orgId, leastLoaded(orgId, wanted).compile(db.kysely));
    return row ? toSessionInfo(row) : null;
  },

  sessionChanges: async (known, endedSeconds) => {
    const rows = await query<ChangeRow>(
      db.pool,
      'select * from longshore.session_changes($1::int[], $2::uuid[], $3)',
      [known.map(({ orgId }) => orgId), known.map(({ sessionId }) => sessionId), endedSeconds],
    );
    return rows.map(toSessionChange);
  },
});

type HealthRow = Selectable<Schema['longshore.worker_health']>;

const leastLoaded = (orgId: number, wanted: PickWorkerInput) => {
  const [capability, kind, category] = [
    wanted.capability ?? null,
    wanted.kind ?? null,
    wanted.category ?? null,
  ];
  return sql<HealthRow>`
    select health.*
    from (
      select
        health.*,
        sum(health.running_jobs) over same_worker as running_of_worker,
        coalesce((health.running_by_category ->> ${category}::text)::int, 0) as running_alike,
        sum(coalesce((health.running_by_category ->> ${category}::text)::int, 0)) over same_worker as running_alike_of_worker
      from longshore.worker_health as health
      where health.org_id = ${orgId} and health.disconnected_at is null
      window same_worker as (partition by health.worker_id)
    ) as health
    join longshore.workers on workers.org_id = health.org_id and workers.id = health.worker_id
    where health.state = 'available'
      and coalesce(workers.expires_at > longshore.now(), true)
      and (${capability}::text is null or ${capability}::text = any (health.capabilities))
      and (${kind}::text is null or ${kind}::text = any (health.kinds))
      and coalesce((health.category_limits ->> ${category}::text)::int > health.running_alike, true)
      and coalesce((workers.category_limits ->> ${category}::text)::int > health.running_alike_of_worker, true)
      and coalesce(workers.max_concurrent_jobs > health.running_of_worker, true)
    order by health.running_jobs::double precision / health.concurrency, health.session_id
    limit 1
  `;
};

/** A row of worker_health as callers see it. */
const toSessionInfo = (row: HealthRow): SessionInfo => ({
  ...toConnectedWorker(row),
  state: row.state,
  runningJobs: row.running_jobs,
  runningJobIds: row.running_job_ids,
  runningByCategory: row.running_by_category,
  lastHeartbeatAt: row.last_heartbeat_at.toISOString(),
});

const toConnectedWorker = (row: ConnectedRow): ConnectedWorker => ({
  sessionId: row.session_id,
  workerId: row.worker_id,
  workerName: row.worker_name,
  kinds: row.kinds,
  capabilities: row.capabilities,
  attributes: row.attributes,
  queues: row.queues,
  concurrency: row.concurrency,
  categoryLimits: row.category_limits,
  host: row.host,
  pid: row.pid,
  version: row.version,
  sdkVersion: row.sdk_version,
  connectedAt: row.connected_at.toISOString(),
});

type ConnectedRow = Pick<
  HealthRow,
  | 'session_id'
  | 'worker_id'
  | 'worker_name'
  | 'kinds'
  | 'capabilities'
  | 'attributes'
  | 'queues'
  | 'concurrency'
  | 'category_limits'
  | 'host'
  | 'pid'
  | 'version'
  | 'sdk_version'
  | 'connected_at'
>;

interface ChangeRow extends ConnectedRow {
  org_id: number;
  org: string;
  is_pruned: boolean;
  is_open: boolean;
  end_reason: 'closed' | 'dead' | 'revoked' | null;
  held_at_end: string[] | null;
}

const toSessionChange = (row: ChangeRow): SessionChange => {
  const place = { orgId: row.org_id, sessionId: row.session_id };
  const worker = row.is_pruned ? null : { ...toConnectedWorker(row), org: row.org };
  if (row.is_open && worker) return { ...place, isOpen: true, worker };
  const heldJobIds = row.held_at_end ?? [];
  return { ...place, isOpen: false, worker, reason: row.end_reason, heldJobIds };
};
