import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Most refusals are sent before the body has come. The rest of a body of a fair length is read and dropped (Node does), so
 * that the caller hears the refusal and may keep the connection; after any other the connection is closed.
 */
export const closeOnEndlessBodies = (app: FastifyInstance, bodyBytesMax: number): void => {
  app.addHook('onSend', async ({ raw }, reply) => {
    if (!raw.complete && !isFairlyLong(raw, bodyBytesMax)) reply.header('connection', 'close');
  });
};

const isFairlyLong = ({ headers }: IncomingMessage, bodyBytesMax: number): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= bodyBytesMax;
