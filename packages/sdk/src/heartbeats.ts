import { Worker } from 'node:worker_threads';
import { type Connection, createApiClient } from './api-client.ts';
import {
  type HeartbeatEvent,
  type HeartbeatLoop,
  type HeartbeatSession,
  type Lease,
  startHeartbeatLoop,
} from './heartbeat-loop.ts';
import type { HeartbeatThreadData, HeartbeatThreadMessage } from './heartbeat-thread.ts';

export interface HeartbeatsOptions {
  connection: Connection;
  session: HeartbeatSession;
  onEvent(event: HeartbeatEvent): void;
  /** The thread died; heartbeats go on in the main thread. */
  onThreadDeath(error: unknown): void;
}

/**
 * Keeps a session alive from a thread of its own. With a `fetch` of the caller's own, or when the thread dies, the
 * heartbeats leave from the main thread, as a function cannot cross into another.
 */
export const startHeartbeats = (options: HeartbeatsOptions): Promise<HeartbeatLoop> =>
  options.connection.fetch ? Promise.resolve(startInMainThread(options)) : startInThread(options);

const startInMainThread = ({ connection, session, onEvent }: HeartbeatsOptions): HeartbeatLoop =>
  startHeartbeatLoop(createApiClient(connection), session, onEvent);

const startInThread = async (options: HeartbeatsOptions): Promise<HeartbeatLoop> => {
  const { connection, session, onEvent, onThreadDeath } = options;
  const workerData: HeartbeatThreadData = { url: connection.url, apiKey: connection.apiKey, session };
  const thread = new Worker(threadFile(), { workerData, name: 'longshore-heartbeats' });
  const held = new Map<string, Lease>();
  let loop: HeartbeatLoop = {
    hold: (leases) => thread.postMessage({ hold: leases } satisfies HeartbeatThreadMessage),
    drop: (leases) => thread.postMessage({ drop: leases } satisfies HeartbeatThreadMessage),
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
      for (const lease of leases) held.set(lease[0], lease);
      loop.hold(leases);
    },
    drop: (leases) => {
      for (const [id, token] of leases) if (held.get(id)?.[1] === token) held.delete(id);
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
