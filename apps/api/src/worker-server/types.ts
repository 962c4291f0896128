import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ModelInfo } from '@longshore/contract';
import type { WebSocket } from 'ws';

export type { ModelInfo };

export const WorkerStatus = {
  /** Takes requests. */
  Available: 'available',
  /** Has as many as it takes. */
  Busy: 'busy',
  /** Finishes what it has. */
  Draining: 'draining',
  /** Its heartbeat is overdue; the next one heals it. */
  Unhealthy: 'unhealthy',
} as const;
export type WorkerStatus = (typeof WorkerStatus)[keyof typeof WorkerStatus];

/** What a worker can do. */
export interface WorkerCapabilities {
  models: ModelInfo[];
  maxConcurrentRequests: number;
  metadata?: Record<string, unknown> | undefined;
  /** Requests at a time by category; one that is not named is not limited. */
  concurrencyLimits?: Record<string, number> | undefined;
}

/** A worker as it was when it was asked for: a copy that never changes. */
export interface WorkerInfo {
  readonly id: string;
  readonly name: string;
  readonly status: WorkerStatus;
  readonly capabilities: Readonly<WorkerCapabilities>;
  readonly sessionId: string;
  readonly connectedAt: Date;
  readonly lastHeartbeat: Date;
  readonly activeRequests: number;
  readonly completedRequests: number;
  readonly pendingRequestIds: ReadonlySet<string>;
  readonly categoryActiveRequests: ReadonlyMap<string, number>;
}

/** A message in either direction: routed by `type`; `requestId` names a tracked request. */
export interface WorkerMessage {
  type: string;
  requestId?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a message holds is between the worker and the handler of its type.
  [field: string]: any;
}

/** A registered worker with its socket, as the pool keeps it. */
export interface ConnectedWorker {
  id: string;
  name: string;
  capabilities: WorkerCapabilities;
  sessionId: string;
  connectedAt: Date;
  /** Before it came here. */
  completedRequests?: number | undefined;
  /** Takes a message for the worker; false when it cannot be sent. */
  send(message: WorkerMessage): boolean;
}

/** The request that a message is about. */
export interface TrackedEvent {
  requestId: string | undefined;
  /** The request is done: its worker has room again. */
  complete(): void;
  /** It has failed for good. */
  fail(): void;
}

export type WorkerConnectedHandler = (worker: WorkerInfo) => void;
export type WorkerDisconnectedHandler = (worker: WorkerInfo, pending: ReadonlySet<string>) => void;
export type WorkerMessageHandler = (
  worker: WorkerInfo,
  message: WorkerMessage,
  request: TrackedEvent,
) => void;
export type Unsubscribe = () => void;
/** True when it has answered the request. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
export type WebSocketEndpointHandler = (socket: WebSocket, request: IncomingMessage) => void;

export interface WorkerServerLogger {
  debug(message: string, context?: Record<string, unknown>): void;
  info(message: string, context?: Record<string, unknown>): void;
  warn(message: string, context?: Record<string, unknown>): void;
  error(message: string, context?: Record<string, unknown>): void;
}

export const silentLogger: WorkerServerLogger = { debug() {}, info() {}, warn() {}, error() {} };
