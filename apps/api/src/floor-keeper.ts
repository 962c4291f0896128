import type { ClaimFloor, FloorReading, SessionFilter } from '@longshore/db';
import { advanceFloors, type FloorState, floorsOf, noFloors } from '@longshore/db';

/** Claims that may share a floor: one org, one filter, and one worker where it has limits. */
export interface ClaimGroupKey {
  readonly key: string;
  readonly orgId: number;
  readonly filter: SessionFilter;
  /** null for sessions of workers without limits. */
  readonly limitedWorkerId: string | null;
}

export interface FloorKeeperOptions {
  read(orgId: number, filter: SessionFilter, floors: ClaimFloor[]): Promise<FloorReading>;
  onError(error: unknown): void;
  /** Between two readings of one group at least. Default 10. */
  gapMs?: number;
  nowMs?: () => number;
}

/** Where the next claim of a group begins. */
export interface ClaimStart {
  floors: ClaimFloor[];
  /** It begins behind the last jobs taken: when it comes back short, something may wait between there and the floor. */
  isAhead: boolean;
}

/**
 * Keeps the claim floors of this process. They are hints: forgetting them costs time, never a job. While claims come back full,
 * the next ones begin behind the last jobs taken, as rows of running jobs stand in the line up to there; what appears before
 * that point, such as the job of a transaction that commits late, is found by the first claim that begins at the floor again.
 */
export interface FloorKeeper {
  startOf(group: ClaimGroupKey): ClaimStart;
  /** To be told of every claim, also of one that found nothing; may start a reading beside it. */
  noteClaim(group: ClaimGroupKey, claim: { jobs: number; isFull: boolean; reached: ClaimFloor[] }): void;
  /**
   * Sends the next claim and reading of every group from zero once, unless that takes so long (under a held snapshot it grows with
   * every job) that it has to wait; forgets groups that did not claim since the last time.
   */
  startAfresh(): void;
}

/** Of the time since a group last began at zero, what that may take: its claim walks as far as its reading does. */
const freshPart = 0.01;

/** Claims that may begin behind the last jobs taken, one after the other. */
const aheadMax = 16;

/** Jobs since the last reading that make another worth its while: walking over fewer costs less than it does. */
const readingJobs = 128;
const idleReadingGapMs = 1_000;

interface Entry {
  state: FloorState;
  readAtMs: number;
  isReading: boolean;
  isBusy: boolean;
  isClaimDueFromZero: boolean;
  isReadingDueFromZero: boolean;
  jobsSinceReading: number;
  /** When the last reading from zero began, and how long it took. */
  freshAtMs: number;
  freshTookMs: number;
  /** By route; empty after a claim that came back short. */
  reached: Map<number, string>;
  aheadClaims: number;
}

export const createFloorKeeper = ({
  read,
  onError,
  gapMs = 10,
  nowMs = () => performance.now(),
}: FloorKeeperOptions): FloorKeeper => {
  const entries = new Map<string, Entry>();

  const takeReading = async (entry: Entry, { orgId, filter }: ClaimGroupKey): Promise<void> => {
    const isFresh = entry.isReadingDueFromZero;
    const floors = isFresh ? [] : floorsOf(entry.state);
    entry.isReadingDueFromZero = false;
    entry.isReading = true;
    entry.readAtMs = nowMs();
    entry.jobsSinceReading = 0;
    try {
      entry.state = advanceFloors(entry.state, await read(orgId, filter, floors));
    } catch (error) {
      // Without a database nothing that was known before counts.
      entry.state = noFloors;
      onError(error);
    } finally {
      entry.isReading = false;
      if (isFresh) {
        entry.freshAtMs = entry.readAtMs;
        entry.freshTookMs = nowMs() - entry.readAtMs;
      }
    }
  };

  const mayStartAfresh = ({ freshAtMs, freshTookMs }: Entry): boolean =>
    freshTookMs <= freshPart * (nowMs() - freshAtMs);

  const isReadingDue = ({ isReading, readAtMs, jobsSinceReading }: Entry): boolean => {
    const sinceMs = nowMs() - readAtMs;
    return !isReading && sinceMs >= gapMs && (jobsSinceReading >= readingJobs || sinceMs >= idleReadingGapMs);
  };

  return {
    startOf: ({ key }) => {
      const entry = entries.get(key);
      if (!entry) return { floors: [], isAhead: false };
      const floors = entry.isClaimDueFromZero ? [] : floorsOf(entry.state);
      const isAhead = !entry.isClaimDueFromZero && entry.reached.size > 0 && entry.aheadClaims < aheadMax;
      entry.isClaimDueFromZero = false;
      entry.aheadClaims = isAhead ? entry.aheadClaims + 1 : 0;
      return { floors: isAhead ? furtherOf(floors, entry.reached) : floors, isAhead };
    },
    noteClaim: (group, { jobs, isFull, reached }) => {
      const entry = entries.get(group.key) ?? newEntry();
      entries.set(group.key, entry);
      entry.isBusy = true;
      entry.jobsSinceReading += jobs;
      if (!isFull) entry.reached.clear();
      else for (const { routeId, floor } of reached) entry.reached.set(routeId, floor);
      if (isReadingDue(entry)) void takeReading(entry, group);
    },
    startAfresh: () => {
      for (const [key, entry] of entries) {
        if (!entry.isBusy) entries.delete(key);
        entry.isBusy = false;
        if (!mayStartAfresh(entry)) continue;
        entry.isClaimDueFromZero = true;
        entry.isReadingDueFromZero = true;
        entry.reached.clear();
      }
    },
  };
};

const furtherOf = (floors: ClaimFloor[], reached: ReadonlyMap<number, string>): ClaimFloor[] => [
  ...floors.filter(({ routeId }) => !reached.has(routeId)),
  ...[...reached].map(([routeId, floor]) => ({ routeId, floor })),
];

const newEntry = (): Entry => ({
  state: noFloors,
  readAtMs: Number.NEGATIVE_INFINITY,
  isReading: false,
  isBusy: false,
  isClaimDueFromZero: false,
  isReadingDueFromZero: false,
  jobsSinceReading: 0,
  freshAtMs: Number.NEGATIVE_INFINITY,
  freshTookMs: 0,
  reached: new Map(),
  aheadClaims: 0,
});
