import { type MessagePort, parentPort } from 'node:worker_threads';
import { createApiClient } from './api-client.ts';
import {
  type HeartbeatEvent,
  type HeartbeatLoop,
  type HeartbeatSession,
  type Posture,
  startHeartbeatLoop,
} from './heartbeat-loop.ts';
import { readLeases } from './lease-text.ts';

/** What a session's heartbeats need to begin. */
export interface HeartbeatStart {
  url: string;
  apiKey: string;
  session: HeartbeatSession;
}

/** To the thread, about the session of this key. Leases as `writeLeases` puts them. */
export interface HeartbeatOrder {
  key: number;
  start?: HeartbeatStart;
  hold?: string;
  drop?: string;
  say?: Posture;
  beat?: true;
  isOver?: true;
}

/** From the thread: once that it has loaded and takes orders, then about the session of this key. */
export type HeartbeatReport = 'ready' | { key: number; event: HeartbeatEvent };

/** Runs heartbeats beside the main thread, so that a handler that blocks the event loop does not cost the lease. */
const runHeartbeats = (port: MessagePort): void => {
  const loops = new Map<number, HeartbeatLoop>();

  const start = (key: number, { url, apiKey, session }: HeartbeatStart): void => {
    // A beat every few seconds is no reason to load a faster client into the thread.
    const api = createApiClient({ url, apiKey, fetch: globalThis.fetch });
    const report = (event: HeartbeatEvent): void =>
      port.postMessage({ key, event } satisfies HeartbeatReport);
    loops.set(key, startHeartbeatLoop(api, session, report));
  };

  port.on('message', (order: HeartbeatOrder) => {
    if (order.start) start(order.key, order.start);
    const loop = loops.get(order.key);
    if (order.hold) loop?.hold(readLeases(order.hold));
    if (order.drop) loop?.drop(readLeases(order.drop));
    if (order.say) loop?.say(order.say);
    if (order.beat) loop?.beat();
    if (!order.isOver) return;
    loop?.stop();
    loops.delete(order.key);
  });
  port.postMessage('ready' satisfies HeartbeatReport);
};

if (parentPort) runHeartbeats(parentPort);
