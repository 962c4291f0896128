import { Worker } from 'node:worker_threads';
import { createApiClient } from './api-client.ts';
import {
  type HeartbeatEvent,
  type HeartbeatLoop,
  type HeartbeatSession,
  type Lease,
  startHeartbeatLoop,
} from './heartbeat-loop.ts';
import type { HeartbeatThreadData, HeartbeatThreadMessage } from './heartbeat-thread.ts';
import { writeLeases } from './lease-text.ts';
import type { Connection } from './transport.ts';

export interface HeartbeatsOptions {
  connection: Connection;
  session: HeartbeatSession;
  onEvent(event: HeartbeatEvent): void;
  /** The thread died; heartbeats go on in the main thread. */
  onThreadDeath(error: unknown): void;
}

export interface Heartbeats {
  /** Names the jobs in every beat from now on. */
  hold(leases: readonly Lease[]): void;
  /** Names the job in no further beat, but for one that leaves within moments. */
  drop(lease: Lease): void;
  stop(): void;
}

/** A beat that names a job which just ended does no harm, so drops need not cross to the thread one by one. */
const dropMs = 20;

/**
 * Keeps a session alive from a thread of its own. With a `fetch` of the caller's own, or when the thread dies, the
 * heartbeats leave from the main thread, as a function cannot cross into another.
 */
export const startHeartbeats = async (options: HeartbeatsOptions): Promise<Heartbeats> => {
  const loop = options.connection.fetch ? startInMainThread(options) : await startInThread(options);
  let dropped: Lease[] = [];
  let timer: NodeJS.Timeout | undefined;

  const sendDropped = (): void => {
    clearTimeout(timer);
    timer = undefined;
    loop.drop(dropped);
    dropped = [];
  };

  return {
    // Drops first, or the thread would hold more than the runner does, and more than a beat may name.
    hold: (leases) => {
      if (timer) sendDropped();
      loop.hold(leases);
    },
    drop: (lease) => {
      dropped.push(lease);
      timer ??= setTimeout(sendDropped, dropMs);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      loop.stop();
    },
  };
};

const startInMainThread = ({ connection, session, onEvent }: HeartbeatsOptions): HeartbeatLoop =>
  startHeartbeatLoop(createApiClient(connection), session, onEvent);

const startInThread = async (options: HeartbeatsOptions): Promise<HeartbeatLoop> => {
  const { connection, session, onEvent, onThreadDeath } = options;
  const workerData: HeartbeatThreadData = { url: connection.url, apiKey: connection.apiKey, session };
  const thread = new Worker(threadFile(), { workerData, name: 'longshore-heartbeats' });
  const post = (message: HeartbeatThreadMessage): void => thread.postMessage(message);
  const held = new Map<string, Lease>();
  let loop: HeartbeatLoop = {
    hold: (leases) => post({ hold: writeLeases(leases) }),
    drop: (leases) => post({ drop: writeLeases(leases) }),
    stop: () => void thread.terminate(),
  };

  // A thread keeps its process alive unless told otherwise; the worker's own requests do that already.
  thread.unref();
  thread.on('message', onEvent);
  thread.on('error', (error) => {
    loop = startInMainThread(options);
    loop.hold([...held.values()]);
    onThreadDeath(error);
  });
  await untilRunning(thread);

  return {
    hold: (leases) => {
      for (const { id, leaseToken } of leases) held.set(id, { id, leaseToken });
      loop.hold(leases);
    },
    drop: (leases) => {
      for (const { id, leaseToken } of leases) if (held.get(id)?.leaseToken === leaseToken) held.delete(id);
      loop.drop(leases);
    },
    stop: () => loop.stop(),
  };
};

/** The sources run as they are in the workspace, and as JavaScript once packed. */
const threadFile = (): URL =>
  new URL(
    import.meta.url.endsWith('.ts') ? './heartbeat-thread.ts' : './heartbeat-thread.js',
    import.meta.url,
  );

const untilRunning = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    thread.once('online', resolve);
    thread.once('error', () => resolve());
  });
