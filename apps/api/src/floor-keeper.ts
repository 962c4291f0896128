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
  /** Between two readings of one group at least. Default 50. */
  gapMs?: number;
  nowMs?: () => number;
}

/** Keeps the claim floors of this process. They are hints: forgetting them costs time, never a job. */
export interface FloorKeeper {
  /** The floors for the next claim of a group; none when it is to start from zero. */
  takeFloors(group: ClaimGroupKey): ClaimFloor[];
  /** To be told of every claim that returned jobs; may start a reading beside it. */
  noteJobs(group: ClaimGroupKey): void;
  /** Sends the next claim and reading of every group from zero once; forgets groups that had no jobs since the last time. */
  startAfresh(): void;
}

interface Entry {
  state: FloorState;
  readAtMs: number;
  isReading: boolean;
  isBusy: boolean;
  isClaimDueFromZero: boolean;
  isReadingDueFromZero: boolean;
}

export const createFloorKeeper = ({
  read,
  onError,
  gapMs = 50,
  nowMs = () => performance.now(),
}: FloorKeeperOptions): FloorKeeper => {
  const entries = new Map<string, Entry>();

  const takeReading = async (entry: Entry, { orgId, filter }: ClaimGroupKey): Promise<void> => {
    const floors = entry.isReadingDueFromZero ? [] : floorsOf(entry.state);
    entry.isReadingDueFromZero = false;
    entry.isReading = true;
    entry.readAtMs = nowMs();
    try {
      entry.state = advanceFloors(entry.state, await read(orgId, filter, floors));
    } catch (error) {
      // Without a database nothing that was known before counts.
      entry.state = noFloors;
      onError(error);
    } finally {
      entry.isReading = false;
    }
  };

  return {
    takeFloors: ({ key }) => {
      const entry = entries.get(key);
      if (!entry) return [];
      const floors = entry.isClaimDueFromZero ? [] : floorsOf(entry.state);
      entry.isClaimDueFromZero = false;
      return floors;
    },
    noteJobs: (group) => {
      const entry = entries.get(group.key) ?? newEntry();
      entries.set(group.key, entry);
      entry.isBusy = true;
      if (!entry.isReading && nowMs() - entry.readAtMs >= gapMs) void takeReading(entry, group);
    },
    startAfresh: () => {
      for (const [key, entry] of entries) {
        if (!entry.isBusy) entries.delete(key);
        entry.isBusy = false;
        entry.isClaimDueFromZero = true;
        entry.isReadingDueFromZero = true;
      }
    },
  };
};

const newEntry = (): Entry => ({
  state: noFloors,
  readAtMs: Number.NEGATIVE_INFINITY,
  isReading: false,
  isBusy: false,
  isClaimDueFromZero: false,
  isReadingDueFromZero: false,
});
