import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ConnectionHandler } from './connection-handler.ts';
import type { HttpHandler, Unsubscribe, WebSocketEndpointHandler, WorkerServerLogger } from './types.ts';

export interface FrontDoorOptions {
  handler: ConnectionHandler;
  logger: WorkerServerLogger;
  messageBytesMax: number;
}

/** The port of a worker server: handlers for HTTP, endpoints for WebSockets by path, workers at every other path. */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #sockets: WebSocketServer;
  readonly #httpHandlers = new Map<symbol, HttpHandler>();
  readonly #endpoints = new Map<string, WebSocketEndpointHandler>();
  #server: Server | undefined;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    const settings = { noServer: true, perMessageDeflate: false, maxPayload: options.messageBytesMax };
    // Missing in the types of ws.
    this.#sockets = new WebSocketServer(Object.assign(settings, { closeTimeout: 2_000 }));
  }

  /** Asked in the order in which they were added, until one says that it has answered. */
  addHttpHandler(handler: HttpHandler): Unsubscribe {
    const key = Symbol();
    this.#httpHandlers.set(key, handler);
    return () => void this.#httpHandlers.delete(key);
  }

  addWebSocketEndpoint(path: string, handler: WebSocketEndpointHandler): Unsubscribe {
    this.#endpoints.set(path, handler);
    return () => {
      if (this.#endpoints.get(path) === handler) this.#endpoints.delete(path);
    };
  }

  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  async open(port: number, host: string | undefined): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, () => resolve());
    });
    this.#server = server;
  }

  /** Resolves once nobody is connected any more; whoever does not go is cut off after two seconds. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets.clients)
      if (socket.readyState === socket.OPEN) socket.close(1001, 'Server shutting down');
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), 2_000);
    await closed;
    clearTimeout(cut);
    this.#server = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      for (const handler of [...this.#httpHandlers.values()]) if (await handler(request, response)) return;
      writeJson(response, 404, { error: 'Not found' });
    } catch (error) {
      this.#options.logger.error('an HTTP handler failed', { error: messageOf(error) });
      if (!response.headersSent) writeJson(response, 500, { error: 'Internal error' });
      else response.destroy();
    }
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Without a listener a connection that breaks ends the process.
    stream.on('error', () => stream.destroy());
    const { handler, logger } = this.#options;
    const endpoint = this.#endpoints.get((request.url ?? '').split('?', 1)[0]!);
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => {});
      try {
        if (endpoint) endpoint(socket, request);
        else handler.handleConnection(socket, request);
      } catch (error) {
        logger.error('a WebSocket endpoint failed', { error: messageOf(error) });
        socket.close(1011, 'Internal error');
      }
    });
  }
}

const writeJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
