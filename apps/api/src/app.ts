import { type KeyHash, loadKeyFormat } from '@longshore/db';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { errorDataOf, retryAfterOf, toLongshoreError, trpcCodeNumberOf } from './error-answer.ts';
import { addAnswerHeaders, setAnswerHeaders } from './hardening/answer-headers.ts';
import { answerClientError } from './hardening/client-error.ts';
import { readTls } from './hardening/read-tls.ts';
import { closeOnEndlessBodies } from './hardening/unread-bodies.ts';
import { registerHealth } from './health.ts';
import type { WorkerPresence } from './live/presence.ts';
import { createFailureLog, traceError } from './logger.ts';
import { createParts, type Parts, type PartsOptions } from './parts.ts';
import { requestIdOf } from './request-id.ts';
import type { RoleGuard } from './role-guard.ts';
import { limitBatches } from './trpc/batch-limits.ts';
import { refuseStrangers } from './trpc/refuse-strangers.ts';
import { knownProcedures, registerTrpc } from './trpc/register-trpc.ts';
import { serveSockets } from './trpc/serve-sockets.ts';
import { endUnusedConnections } from './unused-connections.ts';
import { routeUpgrades } from './upgrades.ts';
import { closings } from './worker-socket/closings.ts';
import { createWorkerRegistry, type WorkerRegistry } from './worker-socket/worker-registry.ts';
import { serveWorkerSockets } from './worker-socket/worker-sockets.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Who is connected to any API process. */
    presence: WorkerPresence;
    /** Ends all connections at once, those that speak another protocol by now too. */
    cutConnections(): void;
  }
}

export interface AppOptions extends Omit<PartsOptions, 'keyFormat'> {
  /** The deployment's own hash function for keys, in the place of LONGSHORE_KEY_HASH_MODULE. */
  hashKey?: KeyHash | undefined;
  /** Left out, the database role is not asked about: for apps that others than clients talk to. */
  roleGuard?: RoleGuard;
}

/**
 * Builds the HTTP application and wires its parts; it does not listen. Background work begins with `listen`, once the
 * database role is safe, and ends with `close`, which answers parked calls first. The database stays the caller's to close.
 */
export const buildApp = async (options: AppOptions): Promise<FastifyInstance> => {
  const { config, roleGuard } = options;
  const keyFormat = await loadKeyFormat({
    prefix: config.keyPrefix,
    hashModule: config.keyHashModule ?? undefined,
    hash: options.hashKey,
  });
  const parts = createParts({ ...options, keyFormat });
  const tls = config.tls && (await readTls(config.tls));
  const app: FastifyInstance = fastify({ ...serverOptions(options), ...(tls && { https: tls }) });
  app.server.headersTimeout = 20_000;
  addAnswerHeaders(app);
  answerErrors(app);
  closeOnEndlessBodies(app, options.config.bodyBytesMax);
  traceRequests(app);
  // Before the hooks that close: from then on nothing more is accepted.
  const upgrades = routeUpgrades(app);
  const workerSockets = createWorkerRegistry();
  tieToLife(app, { ...parts, workerSockets }, roleGuard);
  endUnusedConnections(app);
  app.decorate('presence', parts.presenceWatch);
  registerHealth(app, {
    wakeUp: parts.wakeUp,
    checkDatabase: async () => {
      await roleGuard?.requireSafe();
      await parts.checkDatabase();
    },
  });
  await app.register(async (scope) => registerCalls(scope, parts, roleGuard), { prefix: '/trpc' });
  app.decorate('cutConnections', () => {
    app.server.closeAllConnections();
    upgrades.cutAll();
  });
  await app.register(async (scope) => {
    if (roleGuard) scope.addHook('onRequest', () => roleGuard.requireSafe());
    serveSockets(scope, { upgrades, parts });
  });
  await app.register(async (scope) => {
    if (roleGuard) scope.addHook('onRequest', () => roleGuard.requireSafe());
    const noteFailure = createFailureLog(options.logger);
    serveWorkerSockets(scope, {
      upgrades,
      parts,
      registry: workerSockets,
      messageBytesMax: config.bodyBytesMax,
      onError: (error) => noteFailure('worker socket', error),
    });
  });
  return app;
};

const serverOptions = ({ config, logger }: AppOptions): FastifyServerOptions => ({
  loggerInstance: logger,
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: (request) => requestIdOf(request.headers),
  bodyLimit: config.bodyBytesMax,
  // A list, never a number of hops: whoever reaches the port directly could add hops of his own.
  trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
  // A batch names all its procedures in the path. What is too long for one is refused in our words, not the router's.
  routerOptions: { maxParamLength: 65_536 },
  forceCloseConnections: 'idle',
  // Longer than the 60 s of common load balancers, so that it is never we who close a connection they are about to use.
  keepAliveTimeout: 72_000,
  requestTimeout: 60_000,
  // A connection that carries nothing: longer than the longest wait and the keep-alive.
  connectionTimeout: 120_000,
  frameworkErrors: (error, request, reply) => {
    setAnswerHeaders(request, reply);
    answerError(error, request, reply);
  },
  clientErrorHandler: answerClientError,
});

const registerCalls = (scope: FastifyInstance, parts: Parts, roleGuard: RoleGuard | undefined): void => {
  limitBatches(scope);
  if (roleGuard) scope.addHook('onRequest', () => roleGuard.requireSafe());
  refuseStrangers(scope, parts);
  registerTrpc(scope, parts);
};

const answerErrors = (app: FastifyInstance): void => {
  // By a hook, as the handler would read the body first.
  app.addHook('onRequest', async ({ is404 }) => {
    if (is404) throw Object.assign(new Error('not found'), { statusCode: 404 });
  });
  app.setErrorHandler(answerError);
};

const answerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const error = toLongshoreError(thrown);
  const data = errorDataOf(error, request.id);
  if (data.httpStatus >= 500) request.log.error(traceError(error), 'request failed');
  const retryAfter = retryAfterOf([error]);
  if (retryAfter !== null) reply.header('retry-after', retryAfter);
  reply
    .code(data.httpStatus)
    .send({ error: { code: trpcCodeNumberOf(error), message: error.message, data } });
};

/** A caller's path may hold anything, so a request is logged by its route and by the names we know. */
const traceRequests = (app: FastifyInstance): void => {
  app.addHook('onResponse', async (request, reply) => {
    const { path } = (request.params ?? {}) as { path?: string };
    request.log.debug(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        procedures: knownProcedures(path),
        status: reply.statusCode,
        ms: reply.elapsedTime,
      },
      'answered',
    );
  });
};

const tieToLife = (
  app: FastifyInstance,
  parts: Parts & { workerSockets: WorkerRegistry },
  roleGuard: RoleGuard | undefined,
): void => {
  const { claimDesk, duties, live, nudges, presenceWatch, usedKeys, wakeUp, workerWatch } = parts;
  const closing = new AbortController();
  const startWork = (): void => {
    duties.start();
    wakeUp.start();
    presenceWatch.start();
  };
  app.addHook('onListen', async () => {
    if (!roleGuard || roleGuard.isSafe()) return startWork();
    void roleGuard.untilSafe(closing.signal).then((isSafe) => isSafe && startWork());
  });
  app.addHook('preClose', async () => {
    closing.abort();
    // First, as their claims would be answered with none as often as they ask.
    const workersLeft = parts.workerSockets.close(closings.shuttingDown);
    live.close();
    nudges.close();
    workerWatch.close();
    await Promise.all([workersLeft, claimDesk.close(), duties.stop(), presenceWatch.stop()]);
  });
  // A connection kept alive past its last answer would hold up the close.
  app.addHook('onSend', async (_request, reply) => {
    if (closing.signal.aborted) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => {
    // By now every connection is closed: what could not be delivered is being given back.
    await claimDesk.close();
    await wakeUp.stop();
    // Without a database the last uses are lost, not the close.
    await usedKeys.flush().catch(() => {});
  });
};
