import { defaults, LongshoreError } from '@longshore/contract';
import type { Principal, Session } from '@longshore/db';

export interface SessionBookOptions {
  /** The open session of this id, or null. */
  find(orgId: number, sessionId: string): Promise<Session | null>;
  /** How long an open session is believed to be open. Default a heartbeat, 5,000. */
  ttlMs?: number;
  /** Sessions remembered at most. Default 10,000. */
  sessionsMax?: number;
  nowMs?: () => number;
}

export interface SessionBook {
  /** The session, if it belongs to this worker. Throws SESSION_LOST otherwise, with no word on whose it may be. */
  find(caller: Principal, sessionId: string): Promise<Session>;
  forget(sessionId: string): void;
  /** Of these orgs: what a policy lets their sessions do may have changed, or some have ended. */
  forgetOrgs(orgIds: readonly number[]): void;
  /** True when a session of the worker was last seen here with limits that each claim must count. */
  isLimited(workerId: string): boolean;
}

/**
 * Remembers sessions, so that a claim or a heartbeat costs no look-up. A session that has ended meanwhile does no harm:
 * the verbs check it themselves and give it nothing.
 */
export const createSessionBook = ({
  find,
  ttlMs = defaults.heartbeatSeconds * 1_000,
  sessionsMax = 10_000,
  nowMs = () => performance.now(),
}: SessionBookOptions): SessionBook => {
  const known = new Map<string, { session: Session; expiresAtMs: number }>();
  /** Workers, each with the session by which it was seen to be limited. */
  const limited = new Map<string, string>();
  let forgets = 0;

  const lookUp = async (orgId: number, sessionId: string): Promise<Session | null> => {
    const expiresAtMs = nowMs() + ttlMs;
    const forgetsBefore = forgets;
    const session = await find(orgId, sessionId);
    known.delete(sessionId);
    if (!session) return null;
    noteLimits(session);
    // What was read before somebody said that it has changed is not believed for long.
    if (forgets === forgetsBefore) remember(session, expiresAtMs);
    return session;
  };

  const remember = (session: Session, expiresAtMs: number): void => {
    if (known.size >= sessionsMax) known.delete(known.keys().next().value!);
    known.set(session.id, { session, expiresAtMs });
  };

  /** Sessions of one worker may differ: what one is not says nothing of another. */
  const noteLimits = ({ id, workerId, isLimited }: Session): void => {
    if (isLimited || limited.get(workerId) === id) limited.delete(workerId);
    if (!isLimited) return;
    if (limited.size >= sessionsMax) limited.delete(limited.keys().next().value!);
    limited.set(workerId, id);
  };

  return {
    find: async ({ orgId, workerId }, sessionId) => {
      const entry = known.get(sessionId);
      const session = entry && entry.expiresAtMs > nowMs() ? entry.session : await lookUp(orgId, sessionId);
      if (session && session.orgId === orgId && session.workerId === workerId) return session;
      throw sessionLost();
    },
    forget: (sessionId) => known.delete(sessionId),
    forgetOrgs: (orgIds) => {
      forgets += 1;
      const changed = new Set(orgIds);
      for (const [sessionId, { session }] of known) if (changed.has(session.orgId)) known.delete(sessionId);
    },
    isLimited: (workerId) => limited.has(workerId),
  };
};

/** The answer to whoever speaks for a session that is not open. */
export const sessionLost = (): LongshoreError =>
  new LongshoreError('SESSION_LOST', 'the session is unknown or has ended', {
    field: 'sessionId',
    hint: 'Open a new session; jobs of the old one are given to others.',
  });
