import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { LongshoreError } from '@longshore/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** A request for another protocol, with the connection that is to speak it. */
export interface Upgrade {
  request: FastifyRequest;
  socket: Duplex;
  /** What the caller has sent already. */
  head: Buffer;
}

/** The paths of a server at which another protocol than HTTP is spoken. */
export interface Upgrades {
  /**
   * Hands over what asks for an upgrade at this path, once the hooks of the scope have let it pass; from then on the socket is
   * `accept`'s to answer on and to close. Any other GET is refused there, and so is everything once the app closes.
   */
  add(scope: FastifyInstance, path: string, accept: (upgrade: Upgrade) => void): void;
  /** Ends all connections that asked for an upgrade and are still there: the server no longer knows of them. */
  cutAll(): void;
}

/**
 * Sends requests for an upgrade through the app's router, so that whatever holds for a request holds for them: its id, its
 * hooks, whose word is believed about where it comes from. An upgrade to anything else, such as the `h2c` that some clients
 * offer with every request, is passed over: those are requests like any other.
 */
export const routeUpgrades = (app: FastifyInstance): Upgrades => {
  const paths = new Set<string>();
  const waiting = new WeakMap<IncomingMessage, Omit<Upgrade, 'request'>>();
  let isClosing = false;
  // Of the app itself, so that it runs before the hooks that close what was accepted.
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  const open = new Set<Duplex>();

  const isWanted = (request: IncomingMessage): boolean =>
    request.method === 'GET' &&
    request.headers.upgrade?.toLowerCase() === 'websocket' &&
    paths.has(pathOf(request));

  // An option of the constructor, which Node keeps here; without it every request with the header would be an upgrade.
  Object.assign(app.server, { shouldUpgradeCallback: isWanted });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener a connection that breaks ends the process.
    socket.on('error', () => socket.destroy());
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (!isWanted(request)) return refuse(socket);
    waiting.set(request, { socket, head });
    app.routing(request, answerOn(socket, request));
  });

  return {
    add: (scope, path, accept) => {
      paths.add(path);
      scope.get(path, { exposeHeadRoute: false }, (request, reply) => {
        const upgrade = waiting.get(request.raw);
        if (!upgrade) throw notAnUpgrade();
        // The hooks may have taken their time.
        if (isClosing) throw closing();
        reply.hijack();
        reply.raw.detachSocket(upgrade.socket as never);
        accept({ request, ...upgrade });
      });
    },
    cutAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
};

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0]!;

/** For a hook that refuses the request: nobody reads a second one from this connection, nor waits for its other side to end. */
const answerOn = (socket: Duplex, request: IncomingMessage): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.once('finish', () => socket.end(() => socket.destroy()));
  return response;
};

const refuse = (socket: Duplex): void => {
  socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () =>
    socket.destroy(),
  );
};

const closing = (): LongshoreError =>
  new LongshoreError('UNAVAILABLE', 'this process is shutting down', { retryAfterSeconds: 1 });

const notAnUpgrade = (): LongshoreError =>
  new LongshoreError('INVALID_INPUT', 'this path speaks WebSocket and nothing else', {
    hint: 'Ask for an upgrade, as WebSocket clients do.',
  });
