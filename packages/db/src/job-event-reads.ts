import type { JobEvent } from '@longshore/contract';
import type { Database } from './connect.ts';
import { finishedSince } from './job-reads.ts';
import { readAs } from './org-scope.ts';

export interface JobEventReads {
  /** Everything that happened to a job, oldest first; empty when there is no such job. */
  jobEvents(orgId: number, id: string): Promise<JobEvent[]>;
}

export const createJobEventReads = (db: Database): JobEventReads => ({
  jobEvents: async (orgId, id) => {
    const trail = db.kysely
      .selectFrom('longshore.job_events')
      .select(['at', 'event', 'attempt', 'actor', 'worker_id', 'worker_name', 'session_id', 'detail'])
      .where('org_id', '=', orgId)
      .where('job_id', '=', id)
      .where((job) => job.or([job('finished_at', 'is', null), job('finished_at', '>=', finishedSince([id]))]))
      .orderBy('at')
      .orderBy('place');
    return (await readAs(db, orgId, trail)).map((row) => ({
      at: row.at.toISOString(),
      event: row.event,
      attempt: row.attempt,
      actor: row.actor,
      workerId: row.worker_id,
      workerName: row.worker_name,
      sessionId: row.session_id,
      detail: row.detail && withoutNulls(row.detail),
    }));
  },
});

const withoutNulls = <Value>(detail: Record<string, Value>): Record<string, Value> | null => {
  const told = Object.entries(detail).filter(([, value]) => value !== null);
  return told.length > 0 ? Object.fromEntries(told) : null;
};
