import fastify, { type FastifyInstance, LogController } from 'fastify';
import { errorDataOf, toLongshoreError } from './error-answer.ts';
import { registerHealth } from './health.ts';
import { traceError } from './logger.ts';
import { createParts, type Parts, type PartsOptions } from './parts.ts';
import { requestIdOf } from './request-id.ts';
import { registerTrpc } from './trpc/register-trpc.ts';
import { endUnusedConnections } from './unused-connections.ts';

/**
 * Builds the HTTP application and wires its parts; it does not listen. Background work begins with `listen` and ends
 * with `close`, which answers parked calls first. The database stays the caller's to close.
 */
export const buildApp = async (options: PartsOptions): Promise<FastifyInstance> => {
  const { config, logger } = options;
  const parts = createParts(options);
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request.headers),
    bodyLimit: config.bodyBytesMax,
    // A batch names all its procedures in the path.
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: 'idle',
    // Longer than the 60 s of common load balancers, so that it is never we who close a connection they are about to use.
    keepAliveTimeout: 72_000,
    requestTimeout: 60_000,
  });
  answerErrors(app);
  traceRequests(app);
  tieToLife(app, parts);
  endUnusedConnections(app);
  registerHealth(app, parts);
  await app.register(async (scope) => registerTrpc(scope, parts), { prefix: '/trpc' });
  return app;
};

const answerErrors = (app: FastifyInstance): void => {
  app.setNotFoundHandler(() => {
    throw Object.assign(new Error('not found'), { statusCode: 404 });
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = toLongshoreError(thrown);
    const data = errorDataOf(error, request.id);
    if (data.httpStatus >= 500) request.log.error(traceError(error), 'request failed');
    return reply.code(data.httpStatus).send({ error: { code: -32_600, message: error.message, data } });
  });
};

const traceRequests = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    request.log.debug(
      { method, path: url.split('?', 1)[0], status: reply.statusCode, ms: reply.elapsedTime },
      'answered',
    );
  });
};

const tieToLife = (app: FastifyInstance, { claimDesk, duties, waits, wakeUp }: Parts): void => {
  let isClosing = false;
  app.addHook('onListen', async () => {
    duties.start();
    wakeUp.start();
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    waits.close();
    await Promise.all([claimDesk.close(), duties.stop()]);
  });
  // A connection kept alive past its last answer would hold up the close.
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => {
    // By now every connection is closed: what could not be delivered is being given back.
    await claimDesk.close();
    await wakeUp.stop();
  });
};
