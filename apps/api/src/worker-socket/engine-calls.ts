import type { Credentials } from '../authentication.ts';
import type { Parts } from '../parts.ts';
import { createCallerFactory } from '../trpc/procedures.ts';
import { appRouter } from '../trpc/router.ts';

const createCaller = createCallerFactory(appRouter);

/** The procedures of a worker, as they are over HTTP: each call checks the key, its rate limits, the input and the fences. */
export type EngineCalls = ReturnType<typeof createCaller>['worker'];

export interface CallOptions {
  signal?: AbortSignal;
  /** Told how to undo the call should its answer not reach the worker. */
  onUndo?: (undo: () => void) => void;
}

/** The calls of one connection, in the name of whoever opened it. */
export const createEngineCalls =
  (parts: Parts, requestId: string, credentials: Credentials) =>
  ({ signal, onUndo }: CallOptions = {}): EngineCalls => {
    const context = { parts, requestId, ...credentials, whenUndelivered: onUndo ?? (() => {}) };
    return createCaller(context, signal ? { signal } : {}).worker;
  };

export type OpenEngineCalls = ReturnType<typeof createEngineCalls>;
