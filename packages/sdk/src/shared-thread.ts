import { Worker } from 'node:worker_threads';
import type { HeartbeatEvent } from './heartbeat-loop.ts';
import type { HeartbeatOrder, HeartbeatReport, HeartbeatStart } from './heartbeat-thread.ts';

export interface ThreadMember {
  onEvent(event: HeartbeatEvent): void;
  /** The thread died, and with it what it did for this member. */
  onDeath(error: unknown): void;
}

/** A session's place in the thread. */
export interface ThreadPlace {
  post(order: Omit<HeartbeatOrder, 'key'>): void;
  leave(): void;
}

interface SharedThread {
  thread: Worker;
  members: Map<number, ThreadMember>;
  isRunning: Promise<void>;
}

let shared: SharedThread | undefined;
let keys = 0;

/**
 * Starts the heartbeats of a session in the one thread that all workers of the process share: each thread costs 30 MB and, to
 * start, more than all its heartbeats of an hour. It ends with the last session.
 */
export const joinSharedThread = async (start: HeartbeatStart, member: ThreadMember): Promise<ThreadPlace> => {
  shared ??= startThread();
  const { thread, members, isRunning } = shared;
  const key = ++keys;
  members.set(key, member);
  thread.postMessage({ key, start } satisfies HeartbeatOrder);
  await isRunning;
  return {
    post: (order) => thread.postMessage({ key, ...order }),
    leave: () => {
      members.delete(key);
      thread.postMessage({ key, isOver: true } satisfies HeartbeatOrder);
      if (members.size > 0) return;
      if (shared?.thread === thread) shared = undefined;
      void thread.terminate();
    },
  };
};

const startThread = (): SharedThread => {
  const thread = new Worker(threadFile(), { name: 'longshore-heartbeats' });
  const members = new Map<number, ThreadMember>();
  // A thread keeps its process alive unless told otherwise; the worker's own requests do that already.
  thread.unref();
  thread.on('message', (report: HeartbeatReport) => {
    if (report !== 'ready') members.get(report.key)?.onEvent(report.event);
  });
  thread.on('error', (error) => {
    if (shared?.thread === thread) shared = undefined;
    for (const member of members.values()) member.onDeath(error);
  });
  return { thread, members, isRunning: untilRunning(thread) };
};

/** The sources run as they are in the workspace, and as JavaScript once packed. */
const threadFile = (): URL =>
  new URL(
    import.meta.url.endsWith('.ts') ? './heartbeat-thread.ts' : './heartbeat-thread.js',
    import.meta.url,
  );

/** Until it has loaded: on a machine under load that can take as long as a short lease, and no job may be held before. */
const untilRunning = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    thread.once('message', () => resolve());
    thread.once('error', () => resolve());
    thread.once('exit', () => resolve());
  });
