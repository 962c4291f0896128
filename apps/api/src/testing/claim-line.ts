import { LongshoreError } from '@longshore/contract';
import type { ClaimRequest, PackedClaim, Session } from '@longshore/db';
import { createClaimDesk } from '../claim-desk.ts';
import { createFloorKeeper } from '../floor-keeper.ts';

export const session = (id: string): Session => ({
  id,
  orgId: 1,
  workerId: 'w',
  filter: { kinds: ['mail'], capabilities: [], queues: null, priorityMin: -10, priorityMax: 10 },
  isLimited: false,
});
export const job = (id: string) => ({ id, leaseToken: `token of ${id}` }) as PackedClaim;

/** A desk over a line of jobs in memory. Claims take effect when the test lets them. */
export const setUp = () => {
  const line: PackedClaim[] = [];
  const released: string[] = [];
  const ended = new Set<string>();
  /** What has become of sessions since they were told to the desk. */
  const changed = new Map<string, Session>();
  const forgotten: string[] = [];
  const requests: ClaimRequest[] = [];
  const state = { claims: 0, isHeld: false, isAway: false, letGo: () => {} };
  const desk = createClaimDesk({
    claim: async (_orgId, request: ClaimRequest) => {
      state.claims += 1;
      requests.push(request);
      const isServed = (id: string) => !ended.has(id) && !changed.has(id);
      const dealt = new Map(
        request.seats.map(({ sessionId, limit }) => [
          sessionId,
          isServed(sessionId) ? line.splice(0, limit) : [],
        ]),
      );
      const gate = new Promise<void>((resolve) => {
        state.letGo = resolve;
      });
      if (state.isHeld) await gate;
      if (state.isAway) throw new LongshoreError('UNAVAILABLE', 'away');
      return { bySession: new Map([...dealt].filter(([, jobs]) => jobs.length > 0)), reached: [] };
    },
    findAmong: async (_orgId, sessionIds) => {
      const open = sessionIds.filter((id) => !ended.has(id));
      return new Map(open.map((id) => [id, changed.get(id) ?? session(id)]));
    },
    forget: (_orgId, sessionIds) => forgotten.push(...sessionIds),
    release: async (_orgId, jobs) => released.push(...jobs.map(({ id }) => id)),
    floors: createFloorKeeper({ read: async () => ({ xmin: '1', xmax: '1', lanes: [] }), onError: () => {} }),
    onError: () => {},
  });
  const claimAs = (caller: Session, limit = 1, waitSeconds = 30, signal?: AbortSignal) =>
    desk.claim({ session: caller, limit, waitSeconds, signal });
  const claim = (sessionId: string, ...rest: [limit?: number, waitSeconds?: number, signal?: AbortSignal]) =>
    claimAs(session(sessionId), ...rest);
  return { line, released, ended, changed, forgotten, requests, state, desk, claim, claimAs };
};
/** Once what is under way without waiting for anybody is over. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
