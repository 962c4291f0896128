import { defaults } from '@longshore/contract';
import type { DueReads, JobLifecycle } from '@longshore/db';
import { doByOrg } from './by-org.ts';
import type { Duty } from './duty.ts';

export interface RescueOptions {
  due: Pick<DueReads, 'deadSessions'>;
  lifecycle: Pick<JobLifecycle, 'rescue'>;
  /** After a start, and after a time without the database, workers get this long to be heard again. Default 5. */
  graceSeconds?: number;
  nowMs?: () => number;
}

/** Gives the jobs of sessions that fell silent to others. */
export const createRescueDuty = ({
  due,
  lifecycle,
  graceSeconds = defaults.heartbeatSeconds,
  nowMs = () => performance.now(),
}: RescueOptions): Duty => {
  const batchMax = 100;
  /** So it may have been before the start: every process of the API may have been away. */
  let isDatabaseAway = true;
  let quietUntilMs = Number.NEGATIVE_INFINITY;

  const findDeadSessions = async (): Promise<{ orgId: number; sessionId: string }[]> => {
    try {
      const sessions = await due.deadSessions(batchMax);
      // While the database or the API is away no heartbeat can arrive, and every session looks dead when it returns.
      if (isDatabaseAway) quietUntilMs = nowMs() + graceSeconds * 1_000;
      isDatabaseAway = false;
      return nowMs() < quietUntilMs ? [] : sessions;
    } catch (error) {
      isDatabaseAway = true;
      throw error;
    }
  };

  return {
    name: 'rescue-dead-sessions',
    intervalMs: 1_000,
    batchMax,
    runOnce: async () => {
      const sessions = await findDeadSessions();
      await doByOrg(sessions, (orgId, dead) => {
        const sessionIds = dead.map(({ sessionId }) => sessionId);
        return lifecycle.rescue(orgId, sessionIds);
      });
      return sessions.length;
    },
  };
};
