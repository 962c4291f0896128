import { ConnectionHandler, type ConnectionHandlerConfig } from './connection-handler.ts';
import { FrontDoor } from './front-door.ts';
import type { LedgerRequest } from './ledger-entry.ts';
import { type Engine, openEngine } from './open-engine.ts';
import type { DispatchedRequest, DispatchOptions, WaitingRequest, WorkerServerOptions } from './options.ts';
import { createRequestLedger, type RequestLedger } from './request-ledger.ts';
import {
  type HttpHandler,
  silentLogger,
  type Unsubscribe,
  type WebSocketEndpointHandler,
  type WorkerConnectedHandler,
  type WorkerDisconnectedHandler,
  type WorkerInfo,
  type WorkerMessage,
  type WorkerMessageHandler,
  type WorkerServerLogger,
} from './types.ts';
import { WorkerPool } from './worker-pool.ts';
import { startWorkerSessions, type WorkerSessions } from './worker-sessions.ts';

/**
 * Workers of the `@hardlydifficult/worker-server` protocol over Longshore's engine: they are sessions of an org, tracked
 * requests are jobs of it. What is asked and changed here takes effect at once in memory, and is written in order behind it.
 */
export class WorkerServer {
  readonly #options: WorkerServerOptions;
  readonly #logger: WorkerServerLogger;
  readonly #pool: WorkerPool;
  readonly #handler: ConnectionHandler;
  readonly #door: FrontDoor;
  #isRunning = false;
  #engine: Engine | undefined;
  #ledger: RequestLedger | undefined;
  #sessions: WorkerSessions | undefined;
  #healthChecks: NodeJS.Timeout | undefined;

  constructor(options: WorkerServerOptions) {
    const { logger = silentLogger, modelMatch = 'exact', messageBytesMax = 8_388_608 } = options;
    this.#options = options;
    this.#logger = logger;
    this.#pool = new WorkerPool({ modelMatch });
    const config: ConnectionHandlerConfig = {
      ...options,
      openSession: (worker) => this.#sessions!.open(worker),
      closeSession: (sessionId) => this.#sessions?.close(sessionId),
      finishRequest: (requestId, outcome) => this.#finish(requestId, outcome),
    };
    this.#handler = new ConnectionHandler(this.#pool, config, logger);
    this.#handler.onWorkerDisconnected(({ sessionId }) => this.#sessions?.close(sessionId));
    this.#door = new FrontDoor({ handler: this.#handler, logger, messageBytesMax });
  }

  /** Listens, once the engine is there and has told what it still tracks. Throws when it runs already. */
  async start(): Promise<void> {
    if (this.#isRunning) throw new Error('WorkerServer is already running');
    this.#isRunning = true;
    try {
      await this.#open();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Closes every socket, writes what is not written, and lets go of the database. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#handler.close();
    await this.#door.close();
    await Promise.race([this.#ledger?.flush(), delay(flushMs)]);
    await this.#close();
  }

  onWorkerConnected(handler: WorkerConnectedHandler): Unsubscribe {
    return this.#handler.onWorkerConnected(handler);
  }

  /** `pending`: what the worker had and nobody works on now; see `getWaitingRequests`. */
  onWorkerDisconnected(handler: WorkerDisconnectedHandler): Unsubscribe {
    return this.#handler.onWorkerDisconnected(handler);
  }

  onWorkerMessage(type: string, handler: WorkerMessageHandler): Unsubscribe {
    return this.#handler.onMessage(type, handler);
  }

  /** False when there is no such worker or nothing can be sent to it. */
  send(workerId: string, message: WorkerMessage): boolean {
    return this.#pool.send(workerId, message);
  }

  broadcast(message: WorkerMessage): void {
    this.#pool.broadcast(message);
  }

  /** See `WorkerPool`. */
  getAvailableWorker(model: string, category?: string): WorkerInfo | null {
    return this.#pool.getAvailableWorker(model, category);
  }

  getAnyAvailableWorker(): WorkerInfo | null {
    return this.#pool.getAnyAvailableWorker();
  }

  availableSlots(model?: string, category?: string): number {
    return this.#pool.availableSlots(model, category);
  }

  getWorkerCount(): number {
    return this.#pool.getCount();
  }

  getAvailableWorkerCount(): number {
    return this.#pool.getAvailableCount();
  }

  getWorkerInfo(): WorkerInfo[] {
    return this.#pool.getWorkerInfoList();
  }

  listWorkers(): WorkerInfo[] {
    return this.#pool.getWorkerInfoList();
  }

  /** A draining worker is given nothing more. */
  setDraining(workerId: string, isDraining: boolean): void {
    this.#pool.setDraining(workerId, isDraining);
  }

  /** Counts a request for a worker, once however often it is said; for another worker it moves there. */
  trackRequest(workerId: string, requestId: string, category?: string): void {
    this.#track(workerId, { requestId, category });
  }

  /** The request is over: completed with `incrementCompleted`, else cancelled. Also for one that waits. */
  releaseRequest(requestId: string, options: { incrementCompleted?: boolean } = {}): void {
    this.#finish(requestId, options.incrementCompleted ? 'completed' : 'released');
  }

  /** Tracked requests that no connected worker works on. `dispatch` and `trackRequest` give them to one, `releaseRequest` ends them. */
  getWaitingRequests(): WaitingRequest[] {
    return (this.#ledger?.list() ?? []).filter(({ requestId }) => this.#pool.workerOf(requestId) === null);
  }

  /** Picks the least loaded worker, tracks the request for it and sends the message: one step. Null when nobody has room. */
  dispatch({ model, category, message }: DispatchOptions): DispatchedRequest | null {
    const { requestId } = message;
    for (const { id } of this.#pool.listAvailable({ model, category })) {
      // Tracked first: an answer may come before `send` returns.
      if (!this.#pool.trackRequest(id, requestId, category)) continue;
      if (!this.#pool.send(id, message)) {
        this.#pool.releaseRequest(requestId);
        continue;
      }
      this.#ledger?.track({ requestId, category, model, message }, id);
      return {
        worker: this.#pool.get(id)!,
        message,
        requestId,
        complete: () => this.#finish(requestId, 'completed'),
        fail: () => this.#finish(requestId, 'failed'),
      };
    }
    return null;
  }

  /** Resolves when all that was tracked and released so far is in the database. */
  async flush(): Promise<void> {
    await this.#ledger?.flush();
  }

  addHttpHandler(handler: HttpHandler): Unsubscribe {
    return this.#door.addHttpHandler(handler);
  }

  /** A path of its own; at all others workers are expected. */
  addWebSocketEndpoint(path: string, handler: WebSocketEndpointHandler): Unsubscribe {
    return this.#door.addWebSocketEndpoint(path, handler);
  }

  /** The port it listens on. */
  get port(): number {
    return this.#door.port ?? this.#options.port;
  }

  async #open(): Promise<void> {
    const {
      port,
      databaseUrl = process.env.DATABASE_URL,
      org = 'worker-server',
      queue = 'worker-server',
    } = this.#options;
    const { heartbeatTimeoutMs = 60_000, healthCheckIntervalMs = 10_000 } = this.#options;
    const logger = this.#logger;
    const engine = await openEngine({ databaseUrl, org, queue, logger });
    this.#engine = engine;
    this.#ledger = createRequestLedger({
      engine,
      queue,
      logger,
      onCancel: (requestId, reason) => this.#tellCancel(requestId, reason),
    });
    await this.#ledger.open();
    const listWorkers = (): WorkerInfo[] => this.#pool.getWorkerInfoList();
    this.#sessions = startWorkerSessions({ engine, logger, heartbeatTimeoutMs, listWorkers });
    await this.#door.open(port, this.#hostOf());
    this.#healthChecks = setInterval(() => this.#handler.checkHealth(), healthCheckIntervalMs);
  }

  async #close(): Promise<void> {
    clearInterval(this.#healthChecks);
    await this.#door.close();
    await this.#sessions?.stop();
    await this.#ledger
      ?.close()
      .catch(() => this.#logger.warn('the database was not there to say goodbye to', {}));
    await this.#engine?.close();
    this.#sessions = undefined;
    this.#ledger = undefined;
    this.#engine = undefined;
    this.#isRunning = false;
  }

  #hostOf(): string | undefined {
    const { host, authToken, authenticate } = this.#options;
    if (host !== undefined) return host;
    return authToken === undefined && authenticate === undefined ? '127.0.0.1' : undefined;
  }

  #track(workerId: string, request: LedgerRequest): void {
    if (this.#pool.trackRequest(workerId, request.requestId, request.category))
      this.#ledger?.track(request, workerId);
  }

  #finish(requestId: string, outcome: 'completed' | 'failed' | 'released'): void {
    this.#pool.releaseRequest(requestId, { incrementCompleted: outcome === 'completed' });
    this.#ledger?.release(requestId, outcome);
  }

  /** Somebody cancelled it in Longshore. Its worker is told, and what the worker says of it is still heard. */
  #tellCancel(requestId: string, reason: string | null): void {
    const workerId = this.#pool.workerOf(requestId);
    if (workerId !== null) this.#pool.send(workerId, { type: 'work_cancel', requestId, reason });
  }
}

const flushMs = 5_000;

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
