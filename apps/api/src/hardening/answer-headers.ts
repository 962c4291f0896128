import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** On every answer, errors included. The API serves data to programs: a browser shall load, frame and keep nothing of it. */
export const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Meaningless over plain HTTP. Subdomains are left out: they may not be ours. */
const strictTransportSecurity = 'max-age=31536000';

/** Gives each answer its security headers and request id. Register it before every hook that can refuse a request. */
export const addAnswerHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    setAnswerHeaders(request, reply);
    done();
  });
};

/** The same by hand, for answers that no hook runs for. */
export const setAnswerHeaders = (request: FastifyRequest, reply: FastifyReply): void => {
  reply.headers(securityHeaders).header('x-request-id', request.id);
  if (request.protocol === 'https') reply.header('strict-transport-security', strictTransportSecurity);
};
