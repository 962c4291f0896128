import { LongshoreError } from '@longshore/contract';
import { hashApiKey, isApiKey, type Principal } from '@longshore/db';

export interface AuthenticatorOptions {
  findKeyByHash(hash: Buffer): Promise<Principal | null>;
  /** How long an answer, yes or no, is believed: a revocation is felt within this time. Default 1,000. */
  ttlMs?: number;
  /** Keys remembered at most. Default 10,000. */
  keysMax?: number;
  nowMs?: () => number;
}

/** From an `Authorization` header to who is calling. Throws UNAUTHENTICATED, or UNAVAILABLE without a database. */
export type Authenticate = (authorization: string | undefined) => Promise<Principal>;

interface LookUp {
  principal: Promise<Principal | null>;
  expiresAtMs: number;
}

/** Recognises callers by their key. Concurrent look-ups of one key share one read; a malformed key costs no I/O. */
export const createAuthenticator = ({
  findKeyByHash,
  ttlMs = 1_000,
  keysMax = 10_000,
  nowMs = () => performance.now(),
}: AuthenticatorOptions): Authenticate => {
  const lookUps = new Map<string, LookUp>();

  const startLookUp = (cacheKey: string, hash: Buffer): LookUp => {
    const startedAtMs = nowMs();
    // The answer is as old as the read that gave it, so its time counts from the start of the read.
    const lookUp: LookUp = { principal: findKeyByHash(hash), expiresAtMs: Number.POSITIVE_INFINITY };
    lookUp.principal.then(
      () => {
        lookUp.expiresAtMs = startedAtMs + ttlMs;
      },
      () => {
        if (lookUps.get(cacheKey) === lookUp) lookUps.delete(cacheKey);
      },
    );
    lookUps.delete(cacheKey);
    if (lookUps.size >= keysMax) lookUps.delete(lookUps.keys().next().value!);
    lookUps.set(cacheKey, lookUp);
    return lookUp;
  };

  return async (authorization) => {
    const hash = hashApiKey(readKey(authorization));
    const cacheKey = hash.toString('base64');
    const known = lookUps.get(cacheKey);
    const lookUp = known && known.expiresAtMs > nowMs() ? known : startLookUp(cacheKey, hash);
    const principal = await lookUp.principal;
    if (!principal) throw new LongshoreError('UNAUTHENTICATED', 'the API key is unknown or was revoked');
    return principal;
  };
};

const readKey = (authorization: string | undefined): string => {
  const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (key !== undefined && isApiKey(key)) return key;
  throw new LongshoreError(
    'UNAUTHENTICATED',
    authorization === undefined ? 'no API key was given' : 'this is not an API key of Longshore',
    { field: 'authorization', hint: 'Send the header `Authorization: Bearer lsh_...`.' },
  );
};
