import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createApiClient } from './api-client.ts';
import { type HeartbeatSession, startHeartbeatLoop } from './heartbeat-loop.ts';
import { readLeases } from './lease-text.ts';

/** What the main thread gives along. */
export interface HeartbeatThreadData {
  url: string;
  apiKey: string;
  session: HeartbeatSession;
}

/** Leases as `writeLeases` puts them. */
export interface HeartbeatThreadMessage {
  hold?: string;
  drop?: string;
}

/** Runs the heartbeats beside the main thread, so that a handler that blocks the event loop does not cost the lease. */
const runHeartbeats = (port: MessagePort, { url, apiKey, session }: HeartbeatThreadData): void => {
  // A beat every few seconds is no reason to load a faster client into the thread.
  const api = createApiClient({ url, apiKey, fetch: globalThis.fetch });
  const loop = startHeartbeatLoop(api, session, (event) => port.postMessage(event));
  port.on('message', ({ hold = '', drop = '' }: HeartbeatThreadMessage) => {
    loop.hold(readLeases(hold));
    loop.drop(readLeases(drop));
  });
};

if (parentPort) runHeartbeats(parentPort, workerData);
