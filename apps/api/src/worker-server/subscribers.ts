import type { Unsubscribe, WorkerServerLogger } from './types.ts';

/** Who wants to be told of something. One that throws or rejects is logged, and the others are told all the same. */
export interface Subscribers<Handler extends (...told: never[]) => unknown> {
  add(handler: Handler): Unsubscribe;
  tell(logger: WorkerServerLogger, ...told: Parameters<Handler>): void;
}

export const createSubscribers = <Handler extends (...told: never[]) => unknown>(): Subscribers<Handler> => {
  // A handler that is added twice is told twice.
  const handlers = new Map<symbol, Handler>();
  return {
    add: (handler) => {
      const key = Symbol();
      handlers.set(key, handler);
      return () => void handlers.delete(key);
    },
    tell: (logger, ...told) => {
      for (const handler of [...handlers.values()]) void tellOne(logger, handler, told);
    },
  };
};

const tellOne = async <Handler extends (...told: never[]) => unknown>(
  logger: WorkerServerLogger,
  handler: Handler,
  told: Parameters<Handler>,
): Promise<void> => {
  try {
    await handler(...told);
  } catch (error) {
    logger.error('a handler failed', { error: error instanceof Error ? error.message : String(error) });
  }
};
