import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Credentials } from '../authentication.ts';
import type { Parts } from '../parts.ts';

/** What a procedure knows of the request and the server. Who calls is added once the key is checked. */
export interface Context extends Credentials {
  parts: Parts;
  requestId: string;
  /** Runs `undo` when the answer does not reach the caller. */
  whenUndelivered(undo: () => void): void;
  /** Of a connection whose reader may be slower than what is sent; left out where the stream itself is pulled by its reader. */
  whenWritable?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

export const createContext = (parts: Parts, request: FastifyRequest, reply: FastifyReply): Context => ({
  parts,
  requestId: request.id,
  ...credentialsOf(request),
  whenUndelivered: (undo) => {
    const undoIfCut = (): void => {
      if (!reply.raw.writableFinished) undo();
    };
    if (reply.raw.destroyed) undoIfCut();
    else reply.raw.once('close', undoIfCut);
  },
});

/** Where the call comes from is, behind trusted proxies, what they say. */
export const credentialsOf = ({ headers, ip }: FastifyRequest): Credentials => ({
  // Whatever Fastify's types say, whoever has hung up meanwhile has no address any more.
  address: ip ?? '',
  authorization: headers.authorization,
  // Node joins repeated headers of this kind with commas.
  xApiKey: headers['x-api-key']?.toString(),
});
