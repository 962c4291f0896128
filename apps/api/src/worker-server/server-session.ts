import { type JobState, limits, type ReleaseItem } from '@longshore/contract';
import type { PackedClaim } from '@longshore/db';
import type { Engine } from './open-engine.ts';
import type { WorkerServerLogger } from './types.ts';

export interface ServerSessionOptions {
  engine: Engine;
  logger: WorkerServerLogger;
  /** What the server holds now. */
  leases(): ReleaseItem[];
  /** These jobs are not the server's any more. Their state is null for those that history has forgotten. */
  onLost(jobs: readonly { id: string; state: JobState | null }[]): void;
  /** The session was taken for dead, and all that it held was taken back. A new one is open. */
  onSessionLost(): void;
  onCancel(jobId: string, reason: string | null): void;
}

/** The session in whose name the server holds the tracked requests. It is opened anew when it is lost. */
export interface ServerSession {
  /** Every request that waits. */
  claimAll(): Promise<PackedClaim[]>;
  close(): Promise<void>;
}

const leaseSeconds = 60;
const beatMs = 5_000;

export const openServerSession = async (options: ServerSessionOptions): Promise<ServerSession> => {
  const { engine, logger, leases, onLost, onSessionLost, onCancel } = options;
  const open = (): Promise<string> =>
    engine.openSession({
      concurrency: limits.heldJobsMax,
      leaseSeconds,
      host: 'worker server',
      pid: process.pid,
    });
  const told = new Set<string>();
  let sessionId = await open();
  let beating = Promise.resolve();

  const beat = async (): Promise<void> => {
    try {
      const [answer] = await engine.verbs.heartbeat(engine.orgId, [{ sessionId, held: leases() }]);
      if (!answer) {
        sessionId = await open();
        return onSessionLost();
      }
      onLost(answer.lost);
      for (const { id, reason } of answer.cancel) {
        if (told.has(id)) continue;
        told.add(id);
        onCancel(id, reason);
      }
    } catch {
      logger.warn('a heartbeat to the database failed', {});
    }
  };

  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, beatMs);

  return {
    claimAll: async () => {
      const session = await engine.findSession(sessionId);
      if (!session) return [];
      const claims: PackedClaim[] = [];
      for (let isMore = true; isMore; ) {
        const limit = limits.claimJobsMax;
        const got = await engine.claimDesk.claim({ session, limit, waitSeconds: 0, signal: undefined });
        claims.push(...got);
        isMore = got.length === limit;
      }
      return claims;
    },
    close: async () => {
      clearInterval(timer);
      await beating;
      await engine.closeSession(sessionId);
    },
  };
};
