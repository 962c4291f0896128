import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createApiClient } from './api-client.ts';
import { type HeartbeatSession, type Lease, startHeartbeatLoop } from './heartbeat-loop.ts';

/** What the main thread gives along. */
export interface HeartbeatThreadData {
  url: string;
  apiKey: string;
  session: HeartbeatSession;
}

export interface HeartbeatThreadMessage {
  hold?: readonly Lease[];
  drop?: readonly Lease[];
}

/** Runs the heartbeats beside the main thread, so that a handler that blocks the event loop does not cost the lease. */
const runHeartbeats = (port: MessagePort, { url, apiKey, session }: HeartbeatThreadData): void => {
  const loop = startHeartbeatLoop(createApiClient({ url, apiKey }), session, (event) =>
    port.postMessage(event),
  );
  port.on('message', ({ hold = [], drop = [] }: HeartbeatThreadMessage) => {
    loop.hold(hold);
    loop.drop(drop);
  });
};

if (parentPort) runHeartbeats(parentPort, workerData);
