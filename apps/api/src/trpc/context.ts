import type { Principal } from '@longshore/db';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Parts } from '../parts.ts';

/** What a procedure knows of the request and the server. Who calls is added once the key is checked. */
export interface Context {
  parts: Parts;
  requestId: string;
  /** Where the call comes from; behind trusted proxies, what they say. */
  address: string;
  authorization: string | undefined;
  /** The header `x-api-key`. */
  xApiKey: string | undefined;
  /** Runs `undo` when the answer does not reach the caller. */
  whenUndelivered(undo: () => void): void;
}

export interface CallerContext extends Context {
  principal: Principal;
}

export const createContext = (parts: Parts, request: FastifyRequest, reply: FastifyReply): Context => ({
  parts,
  requestId: request.id,
  address: request.ip,
  authorization: request.headers.authorization,
  // Node joins repeated headers of this kind with commas.
  xApiKey: request.headers['x-api-key']?.toString(),
  whenUndelivered: (undo) => {
    const undoIfCut = (): void => {
      if (!reply.raw.writableFinished) undo();
    };
    if (reply.raw.destroyed) undoIfCut();
    else reply.raw.once('close', undoIfCut);
  },
});
