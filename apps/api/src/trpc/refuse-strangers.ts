import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { credentialsOf } from './context.ts';

/**
 * Refuses a request without a good key, whole and before its body is read: what strangers send takes no memory, and their
 * refusal does not wait for it. The procedures ask for the key again, which is remembered for a second.
 */
export const refuseStrangers = (
  scope: FastifyInstance,
  { authenticate }: Pick<Parts, 'authenticate'>,
): void => {
  scope.addHook('onRequest', async (request) => {
    await authenticate(credentialsOf(request));
  });
};
