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

/** Sessions are lost where a machine is too slow, and there the next one must not have to pay for another thread. */
const lingerMs = 10_000;

let shared: SharedThread | undefined;
let keys = 0;

/**
 * Starts the heartbeats of a session in the one thread that all workers of the process share: each thread costs 30 MB and, to
 * start, more than all its heartbeats of an hour. It ends ten seconds after the last session.
 */
export const joinSharedThread = async (
  start: HeartbeatStart | undefined,
  member: ThreadMember,
): Promise<ThreadPlace> => {
  shared ??= startThread();
  const { thread, members, isRunning } = shared;
  const key = ++keys;
  members.set(key, member);
  if (start) thread.postMessage({ key, start } satisfies HeartbeatOrder);
  await isRunning;
  return {
    post: (order) => thread.postMessage({ key, ...order }),
    leave: () => {
      members.delete(key);
      thread.postMessage({ key, isOver: true } satisfies HeartbeatOrder);
      setTimeout(() => endUnused(thread, members), lingerMs).unref();
    },
  };
};

const endUnused = (thread: Worker, members: SharedThread['members']): void => {
  if (members.size > 0) return;
  if (shared?.thread === thread) shared = undefined;
  void thread.terminate();
};

/** The same without a session: resolves once the thread takes orders, with what lets go of it. */
export const holdSharedThread = async (): Promise<() => void> =>
  (await joinSharedThread(undefined, { onEvent: () => {}, onDeath: () => {} })).leave;

const startThread = (): SharedThread => {
  const thread = new Worker(threadFile(), { name: 'longshore-heartbeats' });
  const members = new Map<number, ThreadMember>();
  thread.on('message', (report: HeartbeatReport) => {
    if (report !== 'ready') members.get(report.key)?.onEvent(report.event);
  });
  thread.on('error', (error) => {
    if (shared?.thread === thread) shared = undefined;
    for (const member of members.values()) member.onDeath(error);
  });
  // A thread keeps its process alive unless told otherwise; the worker's own requests do that later.
  const isRunning = untilRunning(thread).then(() => thread.unref());
  return { thread, members, isRunning };
};

/** The sources run as they are in the workspace, and as JavaScript once packed. */
const threadFile = (): URL =>
  new URL(
    import.meta.url.endsWith('.ts') ? './heartbeat-thread.ts' : './heartbeat-thread.js',
    import.meta.url,
  );

/** Until it has loaded. */
const untilRunning = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    thread.once('message', () => resolve());
    thread.once('error', () => resolve());
    thread.once('exit', () => resolve());
  });
