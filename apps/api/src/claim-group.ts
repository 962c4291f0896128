import { limits } from '@longshore/contract';
import type { Claims, PackedClaim, Session, SessionFilter } from '@longshore/db';
import type { ClaimDeskOptions } from './claim-desk.ts';
import type { ClaimGroupKey } from './floor-keeper.ts';
import { sessionLost } from './session-book.ts';

export interface Seat {
  sessionId: string;
  limit: number;
  waitSeconds: number;
  signal: AbortSignal | undefined;
  /** Grows with every claim that arrives at the desk. */
  arrival: number;
}

/** The claims of one org and filter, which differ only in who asks and for how many: one SQL claim serves them all. */
export interface ClaimGroup {
  join(seat: Seat): Promise<PackedClaim[]>;
  /** Tries for those who wait; while a claim is under way it is followed by another, so that no wake is lost. */
  wake(): void;
  /**
   * Makes the next claim by `run` instead, which brings jobs into being for those who wait. False, and `run` is not called,
   * when nobody waits or a claim is under way.
   */
  claimBy(run: ClaimDeskOptions['claim']): boolean;
  /** Of all who wait. */
  sessionIds(): string[];
  /** Answers those who wait for one of `looked` that is not among the `found`, or belongs to another group by now. */
  dismissStale(looked: readonly string[], found: ReadonlyMap<string, Session>): void;
  readonly limitedWorkerId: string | null;
  readonly filter: SessionFilter;
  readonly size: number;
  readonly firstArrival: number;
  close(): Promise<void>;
}

interface ClaimGroupOptions
  extends Pick<ClaimDeskOptions, 'claim' | 'findAmong' | 'forget' | 'floors' | 'onError'> {
  group: ClaimGroupKey;
  /** The key of the group that a session belongs to. */
  keyOf(session: Session): string;
  giveBack(orgId: number, jobs: PackedClaim[]): void;
  onEmpty(): void;
}

interface Waiter extends Seat {
  /** Not yet part of any claim. */
  isUntried: boolean;
  /** The round of claims in which it last had a seat. */
  round: number;
  /** Its time is up: whatever the claim under way brings is its answer. */
  isDue: boolean;
  settle(outcome: { jobs: PackedClaim[] } | { error: unknown }): void;
}

export const createClaimGroup = (options: ClaimGroupOptions): ClaimGroup => {
  const { group, keyOf, claim, findAmong, forget, giveBack, floors, onError, onEmpty } = options;
  /** In order of arrival. */
  const waiters = new Set<Waiter>();
  /** Those whose jobs are being claimed right now; they must not leave before the answer is known. */
  let seated: readonly Waiter[] = [];
  let isAgain = false;
  /** Grows with each reason to claim, so that everybody has a seat once for it. */
  let round = 0;
  let isClosed = false;
  let claiming: Promise<void> | undefined;

  const leave = (waiter: Waiter): boolean => waiters.delete(waiter);

  const claimWhileWorthwhile = async (first = claim): Promise<void> => {
    let isWorthwhile = true;
    for (let run = first; isWorthwhile && waiters.size > 0; run = claim) {
      if (isAgain) round += 1;
      isAgain = false;
      const wasFull = await claimOnce(run);
      isWorthwhile = isAgain || wasFull || [...waiters].some((waiter) => waiter.isUntried);
    }
    claiming = undefined;
    if (waiters.size === 0) onEmpty();
  };

  const wake = (): void => {
    isAgain = true;
    if (waiters.size > 0) claiming ??= claimWhileWorthwhile();
  };

  /** One SQL claim for those at the head of the line. True when it brought all that was asked, so that there may be more. */
  const claimOnce = async (run: ClaimDeskOptions['claim']): Promise<boolean> => {
    const present = [...waiters];
    seated = takeSeats(present);
    try {
      const { filter, limitedWorkerId } = group;
      const start = floors.startOf(group);
      const claimed = await run(group.orgId, {
        filter,
        limitedWorkerId,
        seats: seatsOf(seated),
        floors: start.floors,
      });
      // Had they all ended or gone elsewhere, those behind them would wait for jobs that are there.
      if (claimed.bySession.size === 0 && isAnyLeftOut(present, seated) && (await dismissStaleSeats()))
        return true;
      return dealJobs(claimed, present, start.isAhead);
    } catch (error) {
      onError(error);
      // Those parked before stay: the next wake or sweep tries again, and their callers need not.
      for (const waiter of present) {
        if (waiter.isUntried || waiter.isDue || waiter.signal?.aborted) finish(waiter, { error });
      }
      return false;
    } finally {
      seated = [];
    }
  };

  /** True when any of those seated speak for a session that gets nothing here any more. */
  const dismissStaleSeats = async (): Promise<boolean> => {
    const found = await findAmong(
      group.orgId,
      seated.map(({ sessionId }) => sessionId),
    );
    const stale = findStale(seated, found);
    for (const waiter of stale) sendAway(waiter, found.get(waiter.sessionId));
    return stale.length > 0;
  };

  /** Those of them whose session has ended or belongs to another group by now; what was known of it is forgotten. */
  const findStale = (asked: readonly Waiter[], found: ReadonlyMap<string, Session>): Waiter[] => {
    const stale = asked.filter(({ sessionId }) => {
      const session = found.get(sessionId);
      return !session || keyOf(session) !== group.key;
    });
    const sessionIds = stale.map(({ sessionId }) => sessionId);
    if (stale.length > 0) forget(group.orgId, sessionIds);
    return stale;
  };

  /** Who is told of no jobs claims again, and is then served by what its session is now. */
  const sendAway = (waiter: Waiter, session: Session | undefined): void =>
    finish(waiter, session ? { jobs: [] } : { error: sessionLost() });

  const dealJobs = (
    { bySession, reached }: Claims,
    present: readonly Waiter[],
    wasAhead: boolean,
  ): boolean => {
    let asked = 0;
    let brought = 0;
    for (const waiter of seated) {
      const jobs = bySession.get(waiter.sessionId) ?? [];
      asked += waiter.limit;
      brought += jobs.length;
      if (jobs.length > 0) finish(waiter, { jobs });
    }
    floors.noteClaim(group, { jobs: brought, isFull: brought >= asked, reached });
    // What one with limits of its own could not take, the next may.
    if (group.limitedWorkerId && brought < asked && isAnyLeftOut(present, seated)) return passSeats(present);
    // Those who had no seat may find more: a session that has ended asks for jobs that nobody gets.
    const mayHaveMore = brought >= asked || wasAhead || (brought > 0 && isAnyLeftOut(present, seated));
    // A claim that ran dry speaks for everyone who was waiting when it began.
    if (!mayHaveMore) present.forEach(stayOrGo);
    return mayHaveMore;
  };

  /** Sends those seated to the end of the line. True when others still have to have their turn. */
  const passSeats = (present: readonly Waiter[]): boolean => {
    for (const waiter of seated) {
      waiter.round = round;
      if (leave(waiter)) waiters.add(waiter);
      stayOrGo(waiter);
    }
    return present.some((waiter) => waiters.has(waiter) && waiter.round !== round);
  };

  const stayOrGo = (waiter: Waiter): void => {
    waiter.isUntried = false;
    if (waiter.isDue || waiter.waitSeconds === 0 || isClosed) finish(waiter, { jobs: [] });
  };

  const finish = (waiter: Waiter, outcome: Parameters<Waiter['settle']>[0]): void => {
    if (!leave(waiter)) return;
    if ('jobs' in outcome && waiter.signal?.aborted) giveBack(group.orgId, outcome.jobs);
    waiter.settle(outcome);
  };

  /** The caller hung up or its time is up: at once, unless a claim for it is under way. */
  const dismiss = (waiter: Waiter): void => {
    waiter.isDue = true;
    if (!seated.includes(waiter) && !(waiter.isUntried && !waiter.signal?.aborted))
      finish(waiter, { jobs: [] });
    if (waiters.size === 0 && !claiming) onEmpty();
  };

  return {
    join: (seat) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => dismiss(waiter);
        const timer =
          seat.waitSeconds > 0 ? setTimeout(() => dismiss(waiter), seat.waitSeconds * 1_000) : undefined;
        const waiter: Waiter = {
          ...seat,
          isUntried: true,
          round: -1,
          isDue: false,
          settle: (outcome) => {
            clearTimeout(timer);
            seat.signal?.removeEventListener('abort', onAbort);
            if ('jobs' in outcome) resolve(outcome.jobs);
            else reject(outcome.error);
          },
        };
        seat.signal?.addEventListener('abort', onAbort);
        waiters.add(waiter);
        wake();
      }),
    wake,
    claimBy: (run) => {
      if (claiming || waiters.size === 0 || isClosed) return false;
      claiming = claimWhileWorthwhile(run);
      return true;
    },
    sessionIds: () => [...waiters].map(({ sessionId }) => sessionId),
    dismissStale: (looked, found) => {
      const lookedAt = [...waiters].filter(({ sessionId }) => looked.includes(sessionId));
      for (const waiter of findStale(lookedAt, found)) {
        waiter.isDue = true;
        if (!seated.includes(waiter)) sendAway(waiter, found.get(waiter.sessionId));
      }
      if (waiters.size === 0 && !claiming) onEmpty();
    },
    limitedWorkerId: group.limitedWorkerId,
    filter: group.filter,
    get size() {
      return waiters.size;
    },
    get firstArrival() {
      return waiters.values().next().value?.arrival ?? Number.POSITIVE_INFINITY;
    },
    close: async () => {
      isClosed = true;
      for (const waiter of waiters) dismiss(waiter);
      await claiming;
    },
  };
};

/** From the head of the line, one seat a session, until a claim's worth of jobs is asked for. */
const takeSeats = (waiters: readonly Waiter[]): Waiter[] => {
  const sessionIds = new Set<string>();
  const seats: Waiter[] = [];
  let asked = 0;
  for (const waiter of waiters) {
    if (asked >= limits.claimJobsMax) break;
    if (sessionIds.has(waiter.sessionId)) continue;
    sessionIds.add(waiter.sessionId);
    seats.push(waiter);
    asked += waiter.limit;
  }
  return seats;
};

/** Whether somebody waits for whose session there was no seat. */
const isAnyLeftOut = (present: readonly Waiter[], seated: readonly Waiter[]): boolean => {
  if (seated.length === present.length) return false;
  const sessionIds = new Set(seated.map(({ sessionId }) => sessionId));
  return present.some(({ sessionId }) => !sessionIds.has(sessionId));
};

const seatsOf = (seats: readonly Waiter[]): { sessionId: string; limit: number }[] =>
  seats.map(({ sessionId, limit }) => ({ sessionId, limit }));
