import type { Duplex } from 'node:stream';
import type { LongshoreError } from '@longshore/contract';
import type { RawData, WebSocket } from 'ws';
import type { Credentials } from '../authentication.ts';
import { toLongshoreError } from '../error-answer.ts';
import type { Parts } from '../parts.ts';
import { type Closing, closingAfter, closings } from './closings.ts';
import { type Message, readMessage } from './frames.ts';
import { createHeldJobs } from './held-jobs.ts';
import { createInflow } from './inflow.ts';
import { type OpenedWorker, openWorker } from './open-worker.ts';
import { createOutbox } from './outbox.ts';
import { type RegisteredWorker, startRegisteredWorker } from './registered-worker.ts';
import { guardStranger } from './stranger-guard.ts';
import type { WorkerRegistry } from './worker-registry.ts';

export interface WorkerConnectionOptions {
  socket: WebSocket;
  /** What the socket speaks over. */
  stream: Duplex;
  parts: Parts;
  requestId: string;
  credentials: Credentials;
  registry: WorkerRegistry;
  /** Kept for a reader that is slow. */
  unsentBytesMax: number;
  onError(error: unknown): void;
  /** Default 10,000. */
  registrationMs?: number;
}

/** One socket of a worker, registered or not yet. */
export interface WorkerConnection {
  close(closing: Closing): void;
  /** Resolves when nothing is under way for it any more. */
  readonly settled: Promise<void>;
}

export const serveWorker = (options: WorkerConnectionOptions): WorkerConnection => {
  const { socket, registry } = options;
  const inflow = createInflow(socket);
  let worker: RegisteredWorker | undefined;
  let registering: Message[] | undefined;
  let isClosed = false;
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const close = ({ code, reason }: Closing): void => {
    if (isClosed) return;
    socket.close(code, reason);
    end();
  };

  /** Whoever does not read gets no close frame either. */
  const cut = (): void => {
    close(closings.tooSlow);
    socket.terminate();
  };

  const outbox = createOutbox({ socket, onStalled: cut, bytesMax: options.unsentBytesMax });
  const guard = guardStranger({ ...options, close });

  const end = (): void => {
    isClosed = true;
    guard.end();
    outbox.close();
    registry.remove(connection);
    void Promise.resolve(worker?.stop()).then(settle, settle);
  };

  const register = async (message: Message): Promise<void> => {
    registering = [];
    try {
      const opened = await openWorker(options, message);
      if (isClosed) return void (opened.isResumed || (await closeSession(opened, opened.sessionId)));
      const left = registry.take(connection, opened);
      guard.end();
      acknowledge(opened);
      worker = start(opened);
      for (const early of registering) receive(early, 0);
      for (const sessionId of left) await closeSession(opened, sessionId);
    } catch (thrown) {
      refuse(toLongshoreError(thrown));
    } finally {
      registering = undefined;
    }
  };

  const acknowledge = ({ sessionId, leaseSeconds, isResumed, leases, finished }: OpenedWorker): void => {
    outbox.send({
      type: 'worker_registration_ack',
      success: true,
      sessionId,
      heartbeatIntervalMs: (leaseSeconds * 1_000) / 3,
      leaseSeconds,
      ...(isResumed && { heldRequests: leases.map(({ id }) => id), finishedRequests: finished }),
    });
  };

  const start = ({
    openCalls,
    registration,
    sessionId,
    leaseSeconds,
    standing,
    leases,
    news,
  }: OpenedWorker) => {
    const held = createHeldJobs();
    leases.forEach(held.hold);
    return startRegisteredWorker({
      openCalls,
      sessionId,
      leaseSeconds,
      workerId: registration.workerId,
      standing,
      held,
      outbox,
      news,
      isHandled: options.parts.workerMail.handles,
      onSilent: () => close(closings.silent),
      onGoodbye: () => close(closings.goodbye),
      onError: (error) => close(closingAfter(toLongshoreError(error))),
    });
  };

  /** Of a process that nobody goes on with: its jobs go back at once. */
  const closeSession = async ({ openCalls }: OpenedWorker, sessionId: string): Promise<void> => {
    await openCalls().closeSession({ sessionId }).catch(options.onError);
  };

  const refuse = (error: LongshoreError): void => {
    const closing = closingAfter(error);
    const text = closing === closings.notAuthenticated ? 'Invalid authentication token' : error.message;
    outbox.send({
      type: 'worker_registration_ack',
      success: false,
      error: text,
      details: error.toBody(),
    });
    if (error.code === 'INTERNAL') options.onError(error);
    close(closing);
  };

  const receive = (message: Message, bytes: number): void => inflow.admit(bytes, worker!.handle(message));

  const onMessage = (data: RawData, isBinary: boolean): void => {
    if (isClosed) return;
    if (isBinary) return void close(closings.notText);
    const text = data.toString();
    const message = readMessage(text);
    if (!message) return;
    if (worker) receive(message, text.length);
    else if (registering) registering.push(message);
    else if (message.type === 'worker_registration') void register(message);
    else if (message.type !== 'heartbeat') close(closings.notRegistered);
  };

  /** Who closes by the book has left; whose connection is lost may come back while the lease runs. */
  const onClose = async (code: number): Promise<void> => {
    if (isClosed) return;
    if (code === 1000) await worker?.leave().catch(options.onError);
    end();
  };

  const connection: WorkerConnection = { close, settled };
  socket.on('message', onMessage);
  socket.on('close', (code) => void onClose(code));
  // What ws found wrong with a frame; it closes the socket by itself.
  socket.on('error', () => {});
  registry.add(connection);
  return connection;
};
