import type { SessionInfo, WorkersEvent } from '@longshore/contract';
import type { StreamEvent } from './streams.ts';

export interface WorkerWatchOptions {
  listSessions(orgId: number): Promise<SessionInfo[]>;
  onError(error: unknown): void;
  /** Between two looks at an org. Default 1,000. */
  pollMs?: number;
  /** Sessions that went, of one org, that those who read slowly can still be told one by one. Default 10,000. */
  goneMax?: number;
}

/** Where dashboards see who is connected: one look a second for each org that is watched, however many watch. */
export interface WorkerWatch {
  /**
   * Everything, then what changes, until the signal. Pulled: who reads slowly is told the newest state of all that changed
   * meanwhile, and nothing is kept for him. Events have no ids: who connects again is told everything again.
   */
  watch(orgId: number, signal?: AbortSignal): AsyncGenerator<StreamEvent<WorkersEvent>, void>;
  close(): void;
}

export const createWorkerWatch = (options: WorkerWatchOptions): WorkerWatch => {
  const orgs = new Map<number, WatchedOrg>();
  const closing = new AbortController();

  const join = (orgId: number): WatchedOrg => {
    const org = orgs.get(orgId) ?? watchOrg(orgId, options);
    orgs.set(orgId, org);
    org.watchers += 1;
    return org;
  };
  const leave = (orgId: number, org: WatchedOrg): void => {
    org.watchers -= 1;
    if (org.watchers > 0) return;
    org.stop();
    orgs.delete(orgId);
  };

  return {
    watch: async function* (orgId, caller) {
      const signal = caller ? AbortSignal.any([caller, closing.signal]) : closing.signal;
      const org = join(orgId);
      try {
        for (let seen = -1; !signal.aborted; ) {
          const event = org.eventSince(seen);
          seen = org.version;
          if (event) yield { event };
          else await org.nextChange(signal);
        }
      } finally {
        leave(orgId, org);
      }
    },
    close: () => closing.abort(),
  };
};

interface WatchedOrg {
  watchers: number;
  /** Grows with each look that found a change. */
  readonly version: number;
  /** What changed after this version; null for nothing, or before the first look. */
  eventSince(version: number): WorkersEvent | null;
  nextChange(signal: AbortSignal): Promise<void>;
  stop(): void;
}

const watchOrg = (orgId: number, options: WorkerWatchOptions): WatchedOrg => {
  const { listSessions, onError, pollMs = 1_000, goneMax = 10_000 } = options;
  const sessions = new Map<string, { info: SessionInfo; print: string; version: number }>();
  const gone = new Map<string, number>();
  const waiting = new Set<() => void>();
  let version = 0;
  /** Who has seen less than this version is told everything. */
  let wholeBefore = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    try {
      note(await listSessions(orgId));
    } catch (error) {
      onError(error);
    }
    if (!isStopped) timer = setTimeout(() => void look(), pollMs);
  };

  const note = (listed: readonly SessionInfo[]): void => {
    const next = version + 1;
    let isChanged = version === 0;
    for (const info of listed) {
      const print = printOf(info);
      const known = sessions.get(info.sessionId);
      const isSame = known?.print === print;
      sessions.set(info.sessionId, { info, print, version: isSame ? known.version : next });
      isChanged ||= !isSame;
    }
    const here = new Set(listed.map(({ sessionId }) => sessionId));
    for (const sessionId of sessions.keys()) {
      if (here.has(sessionId)) continue;
      sessions.delete(sessionId);
      gone.set(sessionId, next);
      isChanged = true;
    }
    if (isChanged) publish(next);
  };

  const publish = (next: number): void => {
    version = next;
    if (gone.size > goneMax) {
      gone.clear();
      wholeBefore = next;
    }
    for (const wake of [...waiting]) wake();
  };

  void look();
  return {
    watchers: 0,
    get version() {
      return version;
    },
    eventSince: (seen) => {
      if (version === 0 || seen === version) return null;
      const all = [...sessions.values()];
      // 0 is the version before the first look, of which nobody was told anything.
      if (seen < Math.max(wholeBefore, 1)) return { type: 'all', sessions: all.map(({ info }) => info) };
      return {
        type: 'changes',
        sessions: all.filter((session) => session.version > seen).map(({ info }) => info),
        goneIds: [...gone].filter(([, wentAt]) => wentAt > seen).map(([sessionId]) => sessionId),
      };
    },
    nextChange: (signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      }),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};

/** A heartbeat alone is no change: all sessions have one every few seconds. */
const printOf = ({ lastHeartbeatAt: _, ...rest }: SessionInfo): string => JSON.stringify(rest);
