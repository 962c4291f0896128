import { defaults } from '@longshore/contract';
import type { DeadSession, DueReads, JobLifecycle } from '@longshore/db';
import { createByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface RescueOptions {
  due: Pick<DueReads, 'deadSessions'>;
  lifecycle: Pick<JobLifecycle, 'rescue'>;
  /** Told of each org that failed. */
  onError(duty: string, error: unknown): void;
  /** After a start, and after a time without the database, workers get this long to be heard again. Default 5. */
  graceSeconds?: number;
  nowMs?: () => number;
}

/** Gives the jobs of sessions that fell silent to others. */
export const createRescueDuty = ({
  due,
  lifecycle,
  onError,
  graceSeconds = defaults.heartbeatSeconds,
  nowMs = () => performance.now(),
}: RescueOptions): Duty => {
  const name = 'rescue-dead-sessions';
  const byOrg = createByOrg({ onError: (error) => onError(name, error) });
  const batchMax = 100;
  /** So it may have been before the start: every process of the API may have been away. */
  let isDatabaseAway = true;
  let quietUntilMs = Number.NEGATIVE_INFINITY;

  const findDeadSessions = async (): Promise<DeadSession[]> => {
    try {
      const sessions = await due.deadSessions(batchMax);
      // While the database or the API is away no heartbeat can arrive, and every session looks dead when it returns.
      if (isDatabaseAway) quietUntilMs = nowMs() + graceSeconds * 1_000;
      isDatabaseAway = false;
      return nowMs() < quietUntilMs ? sessions.filter(({ hasEnded }) => hasEnded) : sessions;
    } catch (error) {
      isDatabaseAway = true;
      throw error;
    }
  };

  return {
    name,
    intervalMs: 1_000,
    batchMax,
    runOnce: async () => {
      const sessions = await findDeadSessions();
      return byOrg(sessions, async (orgId, dead) => {
        const sessionIds = dead.map(({ sessionId }) => sessionId);
        await lifecycle.rescue(orgId, sessionIds);
        // Those that ended before may be as stuck as they were: they are no reason for another run at once.
        return dead.filter(({ hasEnded }) => !hasEnded).length;
      });
    },
  };
};
