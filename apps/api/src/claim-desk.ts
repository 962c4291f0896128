import type { ClaimedJob } from '@longshore/contract';
import type { ClaimRequest, Session } from '@longshore/db';
import { type ClaimGroup, createClaimGroup } from './claim-group.ts';
import type { FloorKeeper } from './floor-keeper.ts';

export interface ClaimDeskOptions {
  /** One claim for many seats. Sessions that get nothing, or are no longer open, have no entry. */
  claim(orgId: number, request: ClaimRequest): Promise<Map<string, ClaimedJob[]>>;
  /** Which of these sessions have not ended. */
  openAmong(orgId: number, sessionIds: string[]): Promise<Set<string>>;
  /** Takes back jobs that reached nobody. */
  release(orgId: number, jobs: ClaimedJob[]): Promise<unknown>;
  floors: FloorKeeper;
  onError(error: unknown): void;
}

export interface ClaimCall {
  session: Session;
  limit: number;
  waitSeconds: number;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal | undefined;
}

/** Where claims wait for jobs, in order of arrival. */
export interface ClaimDesk {
  /** Up to `limit` jobs; none after `waitSeconds` or when the desk closes. Throws UNAVAILABLE. */
  claim(call: ClaimCall): Promise<ClaimedJob[]>;
  /** Jobs may have become available in this org: parked claims try once more. */
  wake(orgId: number): void;
  /** The same for every org, and from zero instead of the claim floors. Answers how many claims were parked. */
  sweep(): number;
  /** Gives jobs back whose answer could not be delivered. */
  giveBack(orgId: number, jobs: ClaimedJob[]): void;
  /** Answers everyone who is parked with no jobs, and waits for the claims under way. */
  close(): Promise<void>;
}

export const createClaimDesk = (options: ClaimDeskOptions): ClaimDesk => {
  const { release, floors, onError } = options;
  const groupsByOrg = new Map<number, Map<string, ClaimGroup>>();
  const givingBack = new Set<Promise<unknown>>();
  let arrivals = 0;
  let isClosed = false;

  const giveBack = (orgId: number, jobs: ClaimedJob[]): void => {
    if (jobs.length === 0) return;
    const under = release(orgId, jobs)
      .catch(onError)
      .finally(() => givingBack.delete(under));
    givingBack.add(under);
  };

  const groupOf = ({ orgId, filter }: Session): ClaimGroup => {
    const groups = groupsByOrg.get(orgId) ?? new Map<string, ClaimGroup>();
    groupsByOrg.set(orgId, groups);
    const key = `${orgId} ${keyOfFilter(filter)}`;
    const known = groups.get(key);
    if (known) return known;
    const onEmpty = (): void => {
      groups.delete(key);
      if (groups.size === 0) groupsByOrg.delete(orgId);
    };
    const made = createClaimGroup({ ...options, group: { key, orgId, filter }, giveBack, onEmpty });
    groups.set(key, made);
    return made;
  };

  const allGroups = (): ClaimGroup[] => [...groupsByOrg.values()].flatMap((groups) => [...groups.values()]);

  return {
    claim: async ({ session, limit, waitSeconds, signal }) => {
      if (isClosed || signal?.aborted) return [];
      arrivals += 1;
      return groupOf(session).join({
        sessionId: session.id,
        limit,
        waitSeconds,
        signal,
        arrival: arrivals,
      });
    },
    wake: (orgId) => wakeInOrder([...(groupsByOrg.get(orgId)?.values() ?? [])]),
    sweep: () => {
      floors.startAfresh();
      const groups = allGroups();
      const parked = groups.reduce((sum, group) => sum + group.size, 0);
      wakeInOrder(groups);
      return parked;
    },
    giveBack,
    close: async () => {
      isClosed = true;
      await Promise.all(allGroups().map((group) => group.close()));
      await Promise.all(givingBack);
    },
  };
};

/** Groups whose first waiter came first claim first. */
const wakeInOrder = (groups: ClaimGroup[]): void => {
  for (const group of groups.toSorted((a, b) => a.firstArrival - b.firstArrival)) group.wake();
};

const keyOfFilter = ({ kinds, capabilities, queues }: Session['filter']): string =>
  JSON.stringify([kinds.toSorted(), capabilities.toSorted(), queues?.toSorted() ?? null]);
