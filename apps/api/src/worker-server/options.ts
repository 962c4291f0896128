import type { ConnectionHandlerConfig } from './connection-handler.ts';
import type { LedgerRequest } from './ledger-entry.ts';
import type { WorkerInfo, WorkerMessage, WorkerServerLogger } from './types.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';

export interface WorkerServerOptions
  extends Pick<
      ConnectionHandlerConfig,
      'authToken' | 'authenticate' | 'heartbeatTimeoutMs' | 'heartbeatIntervalMs'
    >,
    Pick<WorkerPoolOptions, 'modelMatch'> {
  /** 0 takes any free port. */
  port: number;
  /** Where to listen. Default: everywhere when workers must prove who they are, else 127.0.0.1. */
  host?: string;
  /** Between two looks at who is overdue. Default 10,000. */
  healthCheckIntervalMs?: number;
  /** Default: no log. */
  logger?: WorkerServerLogger;
  /** The login of an API process. Default: DATABASE_URL. */
  databaseUrl?: string;
  /** The org of the workers and requests, by its slug; made if it is not there. Default `worker-server`. */
  org?: string;
  /** One server at a time serves a queue of an org. Default `worker-server`. */
  queue?: string;
  /** Default 8 MiB. */
  messageBytesMax?: number;
}

export interface DispatchOptions {
  model?: string;
  category?: string;
  message: WorkerMessage & { requestId: string };
}

/** A request that was sent to a worker. */
export interface DispatchedRequest {
  worker: WorkerInfo;
  message: WorkerMessage;
  requestId: string;
  complete(): void;
  fail(): void;
}

/** A tracked request that no connected worker works on: its worker is gone, or the server was started anew. */
export type WaitingRequest = LedgerRequest;
