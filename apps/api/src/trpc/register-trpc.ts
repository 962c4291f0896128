import { errorCodes } from '@longshore/contract';
import type { TRPCError } from '@trpc/server';
import { type FastifyHandlerOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterOf, toLongshoreError } from '../error-answer.ts';
import { traceError } from '../logger.ts';
import type { Parts } from '../parts.ts';
import { batchCallsMax } from './batch-limits.ts';
import { createContext } from './context.ts';
import { type AppRouter, appRouter } from './router.ts';
import { answerMutation, isSingleMutation } from './single-call.ts';
import { answerSubscription, isSubscription } from './subscription.ts';

type Options = FastifyHandlerOptions<AppRouter, FastifyRequest, FastifyReply>;

/** The names in a path that are procedures of ours: the rest of it may be anything, a key pasted wrong too. */
export const knownProcedures = (path: string | undefined): string =>
  (path ?? '')
    .split(',', batchCallsMax)
    .filter((name) => Object.hasOwn(appRouter._def.procedures, name))
    .join(',');

/** Serves the router at the scope's prefix. tRPC's own plugin would also take multipart bodies, of any size. */
export const registerTrpc = (scope: FastifyInstance, parts: Parts): void => {
  const options: Options = {
    router: appRouter,
    createContext: ({ req, res }) => createContext(parts, req, res),
    maxBatchSize: batchCallsMax,
    onError: ({ error, path, req }) => logFailure(req, error, path),
    responseMeta: ({ errors }) => ({ headers: new Headers(headersOf(errors)) }),
  };
  scope.removeAllContentTypeParsers();
  // The calls parse the text themselves, once the key is checked.
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  scope.route<{ Params: { path: string } }>({
    method: ['GET', 'POST'],
    url: '/:path',
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const { path } = request.params;
      const noteError = (error: TRPCError) => {
        logFailure(request, error, path);
        return headersOf([error]);
      };
      if (isSingleMutation(request, path)) return answerMutation(path, { parts, request, reply }, noteError);
      if (isSubscription(path)) return answerSubscription(path, { parts, request, reply }, noteError);
      return fastifyRequestHandler({ ...options, req: request, res: reply, path });
    },
  });
};

const logFailure = (request: FastifyRequest, error: TRPCError, path: string | undefined): void => {
  const told = toLongshoreError(error);
  if (errorCodes[told.code].httpStatus >= 500)
    request.log.error({ procedures: knownProcedures(path), ...traceError(told) }, 'call failed');
};

/** Logs what is our own fault in the end of a stream over WebSocket; what has no path is about the connection. */
export const logFailureOfStream = (
  request: FastifyRequest,
  error: TRPCError,
  path: string | undefined,
): void => {
  // A database that is away, or a process that closes, ends all streams at once and is told of elsewhere.
  if (path !== undefined && !toLongshoreError(error).isRetryable) logFailure(request, error, path);
};

const headersOf = (errors: readonly TRPCError[]): Record<string, string> => {
  const retryAfter = retryAfterOf(errors.map(toLongshoreError));
  return retryAfter === null ? {} : { 'retry-after': retryAfter };
};
