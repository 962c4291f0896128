import type { Socket } from 'node:net';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Parts } from '../parts.ts';
import type { Upgrade, Upgrades } from '../upgrades.ts';
import { type Context, credentialsOf } from './context.ts';
import { logFailureOfStream } from './register-trpc.ts';
import { appRouter } from './router.ts';
import { createFrameReader, messagesAFrameMax } from './socket-frames.ts';

/** Where subscriptions are spoken over WebSocket, in tRPC's form. */
export const socketPath = '/trpc';

/** Connections at a time that have shown no key yet, and how long one may take to. */
const strangersMax = 1_000;
const strangerMs = 5_000;
/** A subscription is a path and a few ids. */
const frameBytesMax = 65_536;
const closeTimeoutMs = 2_000;

export interface SocketsOptions {
  upgrades: Upgrades;
  parts: Parts;
}

/**
 * Serves subscriptions over WebSocket, for those who have no event streams: the key comes in a header of the upgrade, or in
 * tRPC's connectionParams as `{ authorization: 'Bearer ...' }`. Other calls take HTTP.
 */
export const serveSockets = (scope: FastifyInstance, { upgrades, parts }: SocketsOptions): void => {
  const options = { noServer: true, perMessageDeflate: false, maxPayload: frameBytesMax };
  // Missing in the types of ws.
  const server = new WebSocketServer(Object.assign(options, { closeTimeout: closeTimeoutMs }));
  const strangers = new Set<WebSocket>();

  const accept = (upgrade: Upgrade): void => {
    if (strangers.size >= strangersMax)
      return void upgrade.socket.end(busyAnswer, () => upgrade.socket.destroy());
    server.handleUpgrade(upgrade.request.raw, upgrade.socket, upgrade.head, (client) => {
      strangers.add(client);
      const patience = setTimeout(() => client.terminate(), strangerMs);
      const noteKnown = (): void => {
        clearTimeout(patience);
        strangers.delete(client);
      };
      client.once('close', noteKnown);
      serveClient(server, client, upgrade, parts, noteKnown);
    });
  };

  scope.addHook('onRequest', async (request) => {
    const credentials = credentialsOf(request);
    const isToldLater = new URLSearchParams(request.url.split('?')[1]).get('connectionParams') === '1';
    if (hasKey(credentials) || !isToldLater) await parts.authenticate(credentials);
  });
  upgrades.add(scope, socketPath, accept);
  scope.addHook('preClose', async () => {
    for (const client of server.clients) client.close(1012, 'the server is shutting down');
  });
};

const hasKey = ({ authorization, xApiKey }: Pick<Context, 'authorization' | 'xApiKey'>): boolean =>
  authorization !== undefined || xApiKey !== undefined;

const serveClient = (
  wss: WebSocketServer,
  client: WebSocket,
  { request, socket }: Upgrade,
  parts: Parts,
  noteKnown: () => void,
): void => {
  const stream = socket as Socket;
  parts.live.stallGuard.watch(stream);
  const frameReader = createFrameReader((reason) => client.close(1008, reason));
  client.on('message', (frame: Buffer) => {
    frameReader.countKeepAlive(frame);
    // Whoever does not read his answers is not read either.
    if (!stream.writableNeedDrain) return;
    client.pause();
    stream.once('drain', () => client.resume());
  });
  const credentials = credentialsOf(request);
  const connect = getWSConnectionHandler({
    wss,
    router: appRouter,
    keepAlive: { enabled: true, pingMs: 5_000, pongWaitMs: 5_000 },
    maxBatchSize: messagesAFrameMax,
    experimental_encoder: frameReader,
    onError: ({ error, path }) => logFailureOfStream(request, error, path),
    createContext: async ({ info }): Promise<Context> => {
      const { authorization = info.connectionParams?.authorization, ...rest } = credentials;
      const known = { ...rest, authorization };
      await parts.authenticate(known);
      noteKnown();
      return {
        parts,
        requestId: request.id,
        ...known,
        whenUndelivered: () => {},
        whenWritable: (signal) => whenWritable(stream, signal),
      };
    },
  });
  connect(client, request.raw);
};

/** Resolves when the kernel has taken what was written, when nobody listens any more or when the connection has ended. */
const whenWritable = (socket: Socket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (!socket.writableNeedDrain || signal.aborted) return resolve();
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    socket.once('drain', go);
    socket.once('close', go);
    signal.addEventListener('abort', go);
  });

const busyAnswer =
  'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n';
