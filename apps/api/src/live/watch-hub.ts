import type { Claims, JobPlace, Reads } from '@longshore/db';

export interface WatchHubOptions {
  watchJobs: Reads['watchJobs'];
  onError(error: unknown): void;
  /** Between two looks for what happened on other processes. Default 250. */
  pollMs?: number;
}

/** Somebody's eye on jobs. Whoever follows looks for himself: what is told here is only that it is worth it. */
export interface Follow {
  /** Resolves at the next change after this call, or as soon as following is over. Ask first, then look: nothing is missed. */
  nextChange(): Promise<void>;
  /** Ended, or the process closes. */
  readonly isOver: boolean;
  end(): void;
}

/**
 * Tells which of the followed jobs have changed: those that a verb of this process changed at once, the others by one statement
 * for all of them together.
 */
export interface WatchHub {
  /** `finalOnly` passes over everything but the end of the job. */
  follow(jobs: readonly JobPlace[], options?: { finalOnly?: boolean }): Follow;
  noteChanged(orgId: number, jobIds: readonly string[]): void;
  noteFinished(orgId: number, jobIds: readonly string[]): void;
  noteClaims(orgId: number, claims: Pick<Claims, 'bySession'>): void;
  /** Ends all following. */
  close(): void;
}

interface Follower {
  keys: string[];
  finalOnly: boolean;
  isOver: boolean;
  wake(): void;
}

interface Watched extends JobPlace {
  /** How the last look found it. */
  mark: string | null;
  followers: Set<Follower>;
}

/** Jobs that one statement asks about. */
const jobsMax = 5_000;

export const createWatchHub = ({ watchJobs, onError, pollMs = 250 }: WatchHubOptions): WatchHub => {
  const watched = new Map<string, Watched>();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const tell = (orgId: number, ids: readonly string[], isFinal: boolean): void => {
    if (watched.size === 0) return;
    for (const id of ids) {
      for (const follower of watched.get(keyOf({ orgId, id }))?.followers ?? []) {
        if (isFinal || !follower.finalOnly) follower.wake();
      }
    }
  };

  const look = async (jobs: Watched[]): Promise<void> => {
    for (const { mark, isFinal, ...place } of await watchJobs(jobs)) {
      const job = watched.get(keyOf(place));
      if (!job) continue;
      job.mark = mark;
      tell(place.orgId, [place.id], isFinal);
    }
  };

  const poll = async (): Promise<void> => {
    const jobs = [...watched.values()];
    try {
      for (let from = 0; from < jobs.length; from += jobsMax) await look(jobs.slice(from, from + jobsMax));
    } catch (error) {
      onError(error);
    }
    timer = undefined;
    pollLater();
  };

  const pollLater = (): void => {
    if (watched.size > 0 && !isClosed) timer ??= setTimeout(() => void poll(), pollMs);
  };

  const join = (jobs: readonly JobPlace[], finalOnly: boolean): Follower => {
    const follower = { keys: jobs.map(keyOf), finalOnly, isOver: isClosed, wake: () => {} };
    if (isClosed) return follower;
    jobs.forEach((place, index) => {
      const key = follower.keys[index]!;
      const job = watched.get(key) ?? { ...place, mark: null, followers: new Set() };
      watched.set(key, job);
      job.followers.add(follower);
    });
    pollLater();
    return follower;
  };

  const leave = (follower: Follower): void => {
    follower.isOver = true;
    follower.wake();
    for (const key of follower.keys) {
      const job = watched.get(key);
      job?.followers.delete(follower);
      if (job?.followers.size === 0) watched.delete(key);
    }
  };

  return {
    follow: (jobs, { finalOnly = false } = {}) => {
      const follower = join(jobs, finalOnly);
      return {
        nextChange: () =>
          new Promise((resolve) => {
            follower.wake = resolve;
            if (follower.isOver) resolve();
          }),
        get isOver() {
          return follower.isOver;
        },
        end: () => leave(follower),
      };
    },
    noteChanged: (orgId, jobIds) => tell(orgId, jobIds, false),
    noteFinished: (orgId, jobIds) => tell(orgId, jobIds, true),
    noteClaims: (orgId, { bySession }) => {
      if (watched.size === 0) return;
      for (const jobs of bySession.values())
        tell(
          orgId,
          jobs.map(({ id }) => id),
          false,
        );
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      for (const job of watched.values()) for (const follower of job.followers) leave(follower);
    },
  };
};

const keyOf = ({ orgId, id }: JobPlace): string => `${orgId} ${id}`;
