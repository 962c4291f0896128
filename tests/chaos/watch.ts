import { setTimeout as delay } from 'node:timers/promises';
import type { Site } from './site.ts';

const lookMs = 3_000;
const backlogLookMs = 1_000;

/**
 * Looks, while all goes on, for running jobs that nobody would ever take back: their session is gone or has ended, or does not remember
 * them. Resolves with what it saw once `over`.
 */
export const watchLeases = async (site: Site, over: AbortSignal): Promise<string[]> => {
  const seen = new Set<string>();
  while (!over.aborted) {
    const stray = await site.observe<{ id: string; reason: string }>(unleased).catch(() => []);
    for (const { id, reason } of stray) seen.add(`job ${id} was running, ${reason}`);
    await delay(lookMs, undefined, { signal: over }).catch(() => {});
  }
  return [...seen];
};

/** One snapshot; every verb changes a session and its jobs in one transaction. */
const unleased = `
  select
    jobs.id,
    case
      when sessions.id is null then 'in no session'
      when sessions.ended_at is not null and not sessions.has_jobs_left then 'in a session that had ended'
      else 'unknown to its session'
    end as reason
  from longshore.jobs
  left join longshore.worker_sessions as sessions
    on sessions.org_id = jobs.org_id and sessions.id = jobs.session_id
  where jobs.state = 'running'
    and (
      sessions.id is null
      or (sessions.ended_at is not null and not sessions.has_jobs_left)
      or not exists (
        select from longshore.session_claims as claims
        where claims.org_id = jobs.org_id and claims.session_id = jobs.session_id and jobs.id = any (claims.job_ids)
      )
    )`;

/** Counts the live jobs every second until `over`. */
export const watchBacklog = async (
  site: Pick<Site, 'observe'>,
  { onCount, over }: { onCount(live: number): void; over: AbortSignal },
): Promise<void> => {
  while (!over.aborted) {
    const [row] = await site.observe<{ live: number }>(countLive).catch(() => []);
    if (row) onCount(row.live);
    await delay(backlogLookMs, undefined, { signal: over }).catch(() => {});
  }
};

/**
 * Waits until no job is live. Answers how long that took; undefined when their number did not fall for `patienceMs`: a machine may be as
 * slow as it likes, as long as the work goes on.
 */
export const untilFinal = async (
  site: Pick<Site, 'observe'>,
  patienceMs: number,
): Promise<number | undefined> => {
  const startedAtMs = performance.now();
  let [fewest, fellAtMs] = [Number.POSITIVE_INFINITY, startedAtMs];
  while (performance.now() < fellAtMs + patienceMs) {
    const [row] = await site.observe<{ live: number }>(countLive).catch(() => []);
    if (row?.live === 0) return performance.now() - startedAtMs;
    if (row && row.live < fewest) [fewest, fellAtMs] = [row.live, performance.now()];
    await delay(100);
  }
  return undefined;
};

const countLive = 'select count(*)::int as live from longshore.jobs';
