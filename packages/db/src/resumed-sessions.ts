import type { JobState, ReleaseItem } from '@longshore/contract';
import type { Database } from './connect.ts';
import { finishedSince } from './job-reads.ts';
import { readAs } from './org-scope.ts';

/** An open session as a connection finds it that goes on with it. */
export interface ResumedSession {
  leaseSeconds: number;
  isDraining: boolean;
  /** What it takes at a time, as it was last told. */
  concurrency: number;
  /** What proves the right to those of the jobs asked for that the session runs. */
  leases: ReleaseItem[];
  /** Those that it has finished: an outcome whose answer was lost need not be told again. */
  finished: { id: string; state: JobState }[];
}

/** The open session of this worker, and what it still has to do with these jobs; null when the worker has none of this id. */
export const findResumedSession = async (
  db: Database,
  orgId: number,
  { workerId, sessionId, jobIds }: { workerId: string; sessionId: string; jobIds: string[] },
): Promise<ResumedSession | null> => {
  const open = db.kysely
    .selectFrom('longshore.worker_sessions')
    .select(['lease_seconds', 'is_draining', 'concurrency'])
    .where('org_id', '=', orgId)
    .where('worker_id', '=', workerId)
    .where('id', '=', sessionId)
    .where('ended_at', 'is', null);
  const [session] = await readAs(db, orgId, open);
  if (!session) return null;
  const jobs =
    jobIds.length > 0 ? await findJobs(db, orgId, sessionId, jobIds) : { leases: [], finished: [] };
  const { lease_seconds: leaseSeconds, is_draining: isDraining, concurrency } = session;
  return { leaseSeconds, isDraining, concurrency, ...jobs };
};

/** The live jobs first: what finishes between the two looks is found by the second. */
const findJobs = async (
  db: Database,
  orgId: number,
  sessionId: string,
  jobIds: string[],
): Promise<Pick<ResumedSession, 'leases' | 'finished'>> => {
  const running = db.kysely
    .selectFrom('longshore.jobs')
    .select(['id', 'lease_token'])
    .where('org_id', '=', orgId)
    .where('id', 'in', jobIds)
    .where('session_id', '=', sessionId)
    .where('state', '=', 'running');
  const final = db.kysely
    .selectFrom('longshore.finished_jobs')
    .select(['id', 'state'])
    .where('org_id', '=', orgId)
    .where('id', 'in', jobIds)
    .where('finished_at', '>=', finishedSince(jobIds))
    .where('session_id', '=', sessionId);
  const leases = (await readAs(db, orgId, running)).map(({ id, lease_token }) => ({
    id,
    leaseToken: lease_token!,
  }));
  return { leases, finished: await readAs(db, orgId, final) };
};
