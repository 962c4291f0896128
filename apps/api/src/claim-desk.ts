import { defaults } from '@longshore/contract';
import type { ClaimRequest, Claims, NewJob, PackedClaim, Session, SessionFilter } from '@longshore/db';
import { type ClaimGroup, createClaimGroup } from './claim-group.ts';
import type { ClaimGroupKey, FloorKeeper } from './floor-keeper.ts';

export interface ClaimDeskOptions {
  /** One claim for many seats. Sessions that get nothing, are no longer open or belong elsewhere now, have no entry. */
  claim(orgId: number, request: ClaimRequest): Promise<Claims>;
  /** Those of these sessions that have not ended, by id, as they are now. */
  findAmong(orgId: number, sessionIds: string[]): Promise<Map<string, Session>>;
  /** These sessions have ended, perhaps with the keys of their workers, or may be given other jobs than was believed. */
  forget(orgId: number, sessionIds: string[]): void;
  /** Takes back jobs that reached nobody. */
  release(orgId: number, jobs: PackedClaim[]): Promise<unknown>;
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
  claim(call: ClaimCall): Promise<PackedClaim[]>;
  /** Jobs may have become available in this org: parked claims try once more. */
  wake(orgId: number): void;
  /**
   * Lets the first who waits for such a job claim by `run`, which brings it into being, and answers true; false, and `run` is not
   * called, when nobody does or they are claiming right now.
   */
  claimBy(orgId: number, job: NewJob, run: ClaimDeskOptions['claim']): boolean;
  /** A worker with limits has room again: its own parked claims try once more. False when it has none here. */
  wakeWorker(orgId: number, workerId: string): boolean;
  /** Looks at the sessions of the org's parked claims: those that may be given other jobs by now are answered with none. */
  recheck(orgId: number): Promise<void>;
  /** Both for every org, and from zero instead of the claim floors. Answers how many claims were parked. */
  sweep(): number;
  /** Gives jobs back whose answer could not be delivered. */
  giveBack(orgId: number, jobs: PackedClaim[]): void;
  /** Answers everyone who is parked with no jobs, and waits for the claims under way. */
  close(): Promise<void>;
}

export const createClaimDesk = (options: ClaimDeskOptions): ClaimDesk => {
  const { release, floors, onError } = options;
  const groupsByOrg = new Map<number, Map<string, ClaimGroup>>();
  const givingBack = new Set<Promise<unknown>>();
  let arrivals = 0;
  let isClosed = false;

  const giveBack = (orgId: number, jobs: PackedClaim[]): void => {
    if (jobs.length === 0) return;
    const under = release(orgId, jobs)
      .catch(onError)
      .finally(() => givingBack.delete(under));
    givingBack.add(under);
  };

  const groupOf = (session: Session): ClaimGroup => {
    const { orgId } = session;
    const groups = groupsByOrg.get(orgId) ?? new Map<string, ClaimGroup>();
    groupsByOrg.set(orgId, groups);
    const group = groupKeyOf(session);
    const { key } = group;
    const known = groups.get(key);
    if (known) return known;
    // A recheck may come back to a group that is gone, and whose place another has taken.
    const onEmpty = (): void => {
      if (groups.get(key) === made) groups.delete(key);
      if (groups.size === 0 && groupsByOrg.get(orgId) === groups) groupsByOrg.delete(orgId);
    };
    const made = createClaimGroup({
      ...options,
      group,
      keyOf: (of) => groupKeyOf(of).key,
      giveBack,
      onEmpty,
    });
    groups.set(key, made);
    return made;
  };

  const groupsOf = (orgId: number): ClaimGroup[] => [...(groupsByOrg.get(orgId)?.values() ?? [])];

  const recheck = async (orgId: number): Promise<void> => {
    const groups = groupsOf(orgId);
    const sessionIds = groups.flatMap((group) => group.sessionIds());
    if (sessionIds.length === 0) return;
    try {
      const found = await options.findAmong(orgId, sessionIds);
      for (const group of groups) group.dismissStale(sessionIds, found);
    } catch (error) {
      onError(error);
    }
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
    wake: (orgId) => wakeInOrder(groupsOf(orgId)),
    claimBy: (orgId, job, run) =>
      inOrderOfArrival(groupsOf(orgId)).some((group) => isServedBy(job, group.filter) && group.claimBy(run)),
    wakeWorker: (orgId, workerId) => {
      const own = groupsOf(orgId).filter((group) => group.limitedWorkerId === workerId && group.size > 0);
      wakeInOrder(own);
      return own.length > 0;
    },
    recheck,
    sweep: () => {
      floors.startAfresh();
      const groups = allGroups();
      const parked = groups.reduce((sum, group) => sum + group.size, 0);
      wakeInOrder(groups);
      for (const orgId of groupsByOrg.keys()) void recheck(orgId);
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
  for (const group of inOrderOfArrival(groups)) group.wake();
};

const inOrderOfArrival = (groups: ClaimGroup[]): ClaimGroup[] =>
  groups.length > 1 ? groups.toSorted((a, b) => a.firstArrival - b.firstArrival) : groups;

const isServedBy = (job: NewJob, filter: SessionFilter): boolean => {
  const { queue = defaults.queue, priority = defaults.priority, requiredCapabilities = [] } = job;
  return (
    filter.kinds.includes(job.kind) &&
    (filter.queues?.includes(queue) ?? true) &&
    priority >= filter.priorityMin &&
    priority <= filter.priorityMax &&
    requiredCapabilities.every((capability) => filter.capabilities.includes(capability))
  );
};

/** What sessions have in common that may share a claim. Limits are counted for one worker at a time. */
const groupKeyOf = ({ orgId, workerId, filter, isLimited }: Session): ClaimGroupKey => {
  const limitedWorkerId = isLimited ? workerId : null;
  const { kinds, capabilities, queues, priorityMin, priorityMax } = filter;
  const parts = [orgId, kinds, capabilities, queues, priorityMin, priorityMax, limitedWorkerId];
  return { key: JSON.stringify(parts), orgId, filter, limitedWorkerId };
};
