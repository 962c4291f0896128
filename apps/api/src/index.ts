export { buildApp } from './app.ts';
export { type ApiConfig, readConfig } from './config.ts';
export type {
  ConnectedListener,
  DisconnectedListener,
  DisconnectReason,
  PresentWorker,
  WorkerPresence,
} from './live/presence.ts';
export type { MessageSender, WorkerMessageHandler, WorkerMessageHandlers } from './live/worker-mail.ts';
export { createLogger, type Logger } from './logger.ts';
export type { PartsOptions } from './parts.ts';
export { type RunningApi, type StartOptions, startApi } from './start-api.ts';
export { type AppRouter, appRouter } from './trpc/router.ts';
export { ConnectionHandler, type ConnectionHandlerConfig } from './worker-server/connection-handler.ts';
export type {
  DispatchedRequest,
  DispatchOptions,
  WaitingRequest,
  WorkerServerOptions,
} from './worker-server/options.ts';
export {
  type ConnectedWorker,
  type HttpHandler,
  type ModelInfo,
  type TrackedEvent,
  type Unsubscribe,
  type WebSocketEndpointHandler,
  type WorkerCapabilities,
  type WorkerConnectedHandler,
  type WorkerDisconnectedHandler,
  type WorkerInfo,
  type WorkerMessage,
  type WorkerMessageHandler as WorkerServerMessageHandler,
  type WorkerServerLogger,
  WorkerStatus,
} from './worker-server/types.ts';
export { WorkerPool, type WorkerPoolOptions } from './worker-server/worker-pool.ts';
export { WorkerServer } from './worker-server/worker-server.ts';
