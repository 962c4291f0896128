import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import type { Parts } from '../parts.ts';
import { credentialsOf } from '../trpc/context.ts';
import type { Upgrade, Upgrades } from '../upgrades.ts';
import { serveWorker } from './worker-connection.ts';
import type { WorkerRegistry } from './worker-registry.ts';

/** Where workers speak WebSocket. */
export const workerSocketPath = '/workers/socket';

/** Connections at a time that have not registered yet. */
const strangersMax = 1_000;
/** How long a peer may take to answer a close frame. */
const closeTimeoutMs = 2_000;

export interface WorkerSocketsOptions {
  upgrades: Upgrades;
  parts: Parts;
  /** Whoever owns it closes it, and with it every connection. */
  registry: WorkerRegistry;
  messageBytesMax: number;
  onError(error: unknown): void;
}

/** Serves workers that do their whole life over one WebSocket; see docs/worker-sockets.md. */
export const serveWorkerSockets = (
  scope: FastifyInstance,
  { upgrades, parts, registry, messageBytesMax, onError }: WorkerSocketsOptions,
): void => {
  const server = createServer(messageBytesMax);
  // The largest message and a few more.
  const unsentBytesMax = 2 * messageBytesMax;

  const accept = ({ request, socket, head }: Upgrade): void => {
    if (registry.strangers >= strangersMax) return void socket.end(busyAnswer, () => socket.destroy());
    const caller = { requestId: request.id, credentials: credentialsOf(request) };
    server.handleUpgrade(request.raw, socket, head, (webSocket) => {
      serveWorker({ ...caller, socket: webSocket, stream: socket, parts, registry, unsentBytesMax, onError });
    });
  };

  upgrades.add(scope, workerSocketPath, accept);
};

const createServer = (maxPayload: number): WebSocketServer => {
  const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload };
  // Missing in the types of ws.
  return new WebSocketServer(Object.assign(options, { closeTimeout: closeTimeoutMs }));
};

const busyAnswer =
  'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n';
