import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LongshoreError } from '@longshore/contract';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { toLongshoreError } from '../error-answer.ts';
import { type Closing, closingAfter, closings } from '../worker-socket/closings.ts';
import { type Message, readMessage } from '../worker-socket/frames.ts';
import { createInflow } from '../worker-socket/inflow.ts';
import { createOutbox, type Outbox } from '../worker-socket/outbox.ts';
import { workerCapabilities, workerRegistration } from '../worker-socket/registration.ts';
import { guardStranger } from '../worker-socket/stranger-guard.ts';
import { createSubscribers } from './subscribers.ts';
import {
  silentLogger,
  type TrackedEvent,
  type Unsubscribe,
  type WorkerConnectedHandler,
  type WorkerDisconnectedHandler,
  type WorkerMessage,
  type WorkerMessageHandler,
  type WorkerServerLogger,
} from './types.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface ConnectionHandlerConfig {
  /** What workers must bring, in the registration or as `Authorization: Bearer` with the upgrade. Left out, nobody is asked. */
  authToken?: string | undefined;
  /** In the place of `authToken`: whether this token is that worker's. So that no worker registers as another. */
  authenticate?: ((workerId: string, token: string | undefined) => boolean | Promise<boolean>) | undefined;
  /** Default 60,000. */
  heartbeatTimeoutMs?: number | undefined;
  /** Default 15,000. */
  heartbeatIntervalMs?: number | undefined;
  /** Default 10,000. */
  registrationTimeoutMs?: number | undefined;
  /** Keeps the worker's session; answers its id. Rejects when the worker cannot be taken. Default: an id of its own. */
  openSession?: ((worker: RegisteringWorker) => Promise<string>) | undefined;
  /** Ends a session whose worker was gone before it could be taken. What comes later is told to `onWorkerDisconnected`. */
  closeSession?: ((sessionId: string) => void) | undefined;
  /** What handlers do to the request of a message. Default: the pool's count alone. */
  finishRequest?: ((requestId: string, outcome: 'completed' | 'failed') => void) | undefined;
}

export interface RegisteringWorker
  extends Pick<z.infer<typeof registration>, 'workerId' | 'workerName' | 'capabilities'> {}

/** What a program of another make may say beyond it is passed over. */
const registration = z.object({
  workerId: workerRegistration.shape.workerId,
  workerName: workerRegistration.shape.workerId,
  capabilities: z.object(workerCapabilities.shape),
  authToken: z.string().max(1_024).optional(),
});

/** Connections at a time that have not registered yet. */
const strangersMax = 1_000;

interface AdmittedWorker extends RegisteringWorker {
  sessionId: string;
  /** By an earlier connection. */
  completedRequests: number | undefined;
}

interface Connection {
  close(closing: Closing): void;
}

/** The life of each worker's socket, and the way of its messages to their handlers. */
export class ConnectionHandler {
  readonly #pool: WorkerPool;
  readonly #config: ConnectionHandlerConfig;
  readonly #logger: WorkerServerLogger;
  readonly #connections = new Set<Connection>();
  readonly #byWorker = new Map<string, Connection>();
  readonly #connected = createSubscribers<WorkerConnectedHandler>();
  readonly #disconnected = createSubscribers<WorkerDisconnectedHandler>();
  readonly #messages = new Map<string, ReturnType<typeof createSubscribers<WorkerMessageHandler>>>();

  constructor(pool: WorkerPool, config: ConnectionHandlerConfig = {}, logger = silentLogger) {
    this.#pool = pool;
    this.#config = config;
    this.#logger = logger;
  }

  onWorkerConnected(handler: WorkerConnectedHandler): Unsubscribe {
    return this.#connected.add(handler);
  }

  onWorkerDisconnected(handler: WorkerDisconnectedHandler): Unsubscribe {
    return this.#disconnected.add(handler);
  }

  /** Has messages of this type handled; a handler that throws is logged. */
  onMessage(type: string, handler: WorkerMessageHandler): Unsubscribe {
    const handlers = this.#messages.get(type) ?? createSubscribers<WorkerMessageHandler>();
    this.#messages.set(type, handlers);
    return handlers.add(handler);
  }

  /** Takes a socket that has just been opened. */
  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    if (this.#connections.size - this.#byWorker.size >= strangersMax)
      return void socket.close(1013, 'Try again later');
    const { registrationTimeoutMs: registrationMs } = this.#config;
    const inflow = createInflow(socket);
    let workerId: string | undefined;
    let early: Message[] | undefined;
    let isClosed = false;

    const end = (): void => {
      if (isClosed) return;
      isClosed = true;
      guard.end();
      outbox.close();
      this.#connections.delete(connection);
      if (workerId !== undefined && this.#byWorker.get(workerId) === connection) this.#drop(workerId);
    };
    const close = ({ code, reason }: Closing): void => {
      if (isClosed) return;
      socket.close(code, reason);
      end();
    };
    const cut = (): void => {
      close(closings.tooSlow);
      socket.terminate();
    };
    const outbox = createOutbox({ socket, onStalled: cut });
    const guard = guardStranger({ socket, stream: request.socket, close, registrationMs });
    const connection: Connection = { close };

    const register = async (message: Message): Promise<void> => {
      early = [];
      try {
        const worker = await this.#admit(message, request);
        if (isClosed) return this.#config.closeSession?.(worker.sessionId);
        guard.end();
        workerId = worker.workerId;
        const completedRequests = this.#pool.get(workerId)?.completedRequests;
        this.#byWorker.get(workerId)?.close(closings.replaced);
        this.#byWorker.set(workerId, connection);
        this.#add({ ...worker, completedRequests }, outbox);
        for (const message of early) this.#route(workerId, message, outbox);
      } catch (thrown) {
        this.#refuse(toLongshoreError(thrown), outbox, close);
      } finally {
        early = undefined;
      }
    };

    const onMessage = (data: RawData, isBinary: boolean): void => {
      if (isClosed) return;
      if (isBinary) return void close(closings.notText);
      const message = readMessage(data.toString());
      if (!message) return;
      if (workerId !== undefined) this.#route(workerId, message, outbox);
      else if (early) early.push(message);
      else if (message.type === 'worker_registration') inflow.admit(0, register(message));
      else if (message.type !== 'heartbeat') close(closings.notRegistered);
    };

    this.#connections.add(connection);
    socket.on('message', onMessage);
    socket.on('close', end);
    socket.on('error', () => {});
  }

  /** Closes whoever has been silent for three times the timeout, and marks who is overdue. */
  checkHealth(): void {
    const dead = this.#pool.checkHealth(this.#config.heartbeatTimeoutMs ?? 60_000);
    for (const workerId of dead) this.#byWorker.get(workerId)?.close(closings.silent);
  }

  /** Closes every socket. */
  close(): void {
    for (const connection of [...this.#connections]) connection.close(closings.shuttingDown);
  }

  async #admit(message: Message, request: IncomingMessage) {
    const given = registration.parse(message);
    const token = given.authToken ?? /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!(await this.#isAuthentic(given.workerId, token)))
      throw new LongshoreError('UNAUTHENTICATED', 'the token is not this worker’s', { field: 'authToken' });
    const sessionId = (await this.#config.openSession?.(given)) ?? randomUUID();
    return { ...given, sessionId };
  }

  #isAuthentic(workerId: string, token: string | undefined): boolean | Promise<boolean> {
    const { authToken, authenticate } = this.#config;
    if (authenticate) return authenticate(workerId, token);
    return authToken === undefined || isSameText(token ?? '', authToken);
  }

  #add(worker: AdmittedWorker, outbox: Outbox): void {
    const { workerId: id, workerName: name, capabilities, sessionId, completedRequests } = worker;
    const send = (message: WorkerMessage): boolean => this.#send(outbox, message);
    this.#pool.add({ id, name, capabilities, sessionId, connectedAt: new Date(), completedRequests, send });
    const heartbeatIntervalMs = this.#config.heartbeatIntervalMs ?? 15_000;
    outbox.send({ type: 'worker_registration_ack', success: true, sessionId, heartbeatIntervalMs });
    this.#logger.info('worker connected', { workerId: id, sessionId });
    this.#connected.tell(this.#logger, this.#pool.get(id)!);
  }

  #drop(workerId: string): void {
    this.#byWorker.delete(workerId);
    const info = this.#pool.remove(workerId);
    if (!info) return;
    this.#logger.info('worker disconnected', { workerId, pending: info.activeRequests });
    this.#disconnected.tell(this.#logger, info, info.pendingRequestIds);
  }

  #refuse(error: LongshoreError, outbox: Outbox, close: (closing: Closing) => void): void {
    const closing = closingAfter(error);
    const text = closing === closings.notAuthenticated ? 'Invalid authentication token' : error.message;
    this.#logger.warn('registration refused', { code: error.code, field: error.field });
    outbox.send({ type: 'worker_registration_ack', success: false, error: text });
    close(closing);
  }

  #route(workerId: string, message: Message, outbox: Outbox): void {
    if (message.type === 'heartbeat') return void this.#beat(workerId, message, outbox);
    if (message.type === 'worker_registration') return;
    const requestId = typeof message.requestId === 'string' ? message.requestId : undefined;
    const holder = requestId === undefined ? null : this.#pool.workerOf(requestId);
    if (holder !== null && holder !== workerId) {
      this.#logger.warn('a message about the request of another worker was dropped', { workerId });
      return;
    }
    const handlers = this.#messages.get(message.type);
    const info = handlers && this.#pool.get(workerId);
    if (info) handlers.tell(this.#logger, info, message as WorkerMessage, this.#eventOf(requestId));
  }

  #beat(workerId: string, { workerId: named, timestamp }: Message, outbox: Outbox): void {
    if (named !== workerId || typeof timestamp !== 'string' || timestamp.length > 64) return;
    this.#pool.noteHeartbeat(workerId);
    const deadlineMs = Date.now() + (this.#config.heartbeatTimeoutMs ?? 60_000);
    outbox.send({
      type: 'heartbeat_ack',
      timestamp,
      nextHeartbeatDeadline: new Date(deadlineMs).toISOString(),
    });
  }

  #eventOf(requestId: string | undefined): TrackedEvent {
    const finish = (outcome: 'completed' | 'failed'): void => {
      if (requestId === undefined) return;
      if (this.#config.finishRequest) this.#config.finishRequest(requestId, outcome);
      else this.#pool.releaseRequest(requestId, { incrementCompleted: outcome === 'completed' });
    };
    return { requestId, complete: () => finish('completed'), fail: () => finish('failed') };
  }

  #send(outbox: Outbox, message: WorkerMessage): boolean {
    try {
      return outbox.send(message);
    } catch {
      this.#logger.error('a message could not be written as JSON', { type: message.type });
      return false;
    }
  }
}

/** In a time that does not tell how far they are the same. */
const isSameText = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
