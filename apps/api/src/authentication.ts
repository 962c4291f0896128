import { timingSafeEqual } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import type { FoundKey, KeyFormat, Principal } from '@longshore/db';
import type { FailedAttempts } from './failed-attempts.ts';

export interface AuthenticatorOptions {
  keyFormat: KeyFormat;
  findKeyByHash(hash: Buffer): Promise<FoundKey | null>;
  failedAttempts: FailedAttempts;
  /** Whether keys that were made elsewhere, and so have another form than ours, may be in the database. */
  areImportedKeysTaken: boolean;
  /** A key was used whose last use was noted more than a minute ago. */
  onUse?(principal: Principal): void;
  /** How long an answer, yes or no, is believed: a revocation is felt within this time. Default 1,000. */
  ttlMs?: number;
  /** Keys remembered at most. Default 10,000. */
  keysMax?: number;
  nowMs?: () => number;
}

/** What a request says of its caller. */
export interface Credentials {
  authorization: string | undefined;
  /** The header `x-api-key`. */
  xApiKey: string | undefined;
  /** Where the call comes from. */
  address: string;
}

/** Recognises callers by their key. */
export interface Authenticator {
  /** Throws UNAUTHENTICATED, RATE_LIMITED for a network that tried too many keys, or UNAVAILABLE without a database. */
  authenticate(credentials: Credentials): Promise<Principal>;
  /** The keys of these orgs may have changed: none of them is believed without another look. */
  forgetOrgs(orgIds: readonly number[]): void;
  forgetAll(): void;
}

interface LookUp {
  found: Promise<FoundKey | null>;
  /** Whose key it is; undefined while that is being read, null for nobody's. */
  orgId: number | null | undefined;
  expiresAtMs: number;
}

const vouchedMs = 600_000;
const nobodysHash = Buffer.alloc(32);

/** Concurrent look-ups of one key share one read; a malformed key costs no I/O. */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { keyFormat, findKeyByHash, failedAttempts, ttlMs = 1_000, keysMax = 10_000 } = options;
  const { nowMs = () => performance.now() } = options;
  const lookUps = new Map<string, LookUp>();
  /** When each key was last known to be good: these are looked up whatever their network has done. */
  const goodAtMs = new Map<string, number>();

  const find = async (cacheKey: string, hash: Buffer, address: string): Promise<FoundKey | null> => {
    const lookUp = (): Promise<FoundKey | null> => findKeyByHash(hash);
    const isVouchedFor = (goodAtMs.get(cacheKey) ?? Number.NEGATIVE_INFINITY) + vouchedMs > nowMs();
    const found = await (isVouchedFor ? lookUp() : failedAttempts.tryOnce(address, lookUp));
    // The index has compared already, in a time that may tell how far; an unknown key does the same work here as a known one.
    if (!timingSafeEqual(found?.hash ?? nobodysHash, hash) || !found) return null;
    setBounded(goodAtMs, cacheKey, nowMs(), keysMax);
    if (found.isUseDue) options.onUse?.(found.principal);
    return found;
  };

  const startLookUp = (cacheKey: string, hash: Buffer, address: string): LookUp => {
    const startedAtMs = nowMs();
    const lookUp: LookUp = {
      found: find(cacheKey, hash, address),
      orgId: undefined,
      // A read that takes longer is not joined any more: it could tell of a key that was revoked long since.
      expiresAtMs: startedAtMs + ttlMs,
    };
    lookUp.found.then(
      (found) => {
        lookUp.orgId = found?.principal.orgId ?? null;
        // The answer is as old as the read that gave it, so its time counts from the start of the read.
        lookUp.expiresAtMs = startedAtMs + Math.min(ttlMs, (found?.secondsLeft ?? ttlMs) * 1_000);
      },
      () => {
        if (lookUps.get(cacheKey) === lookUp) lookUps.delete(cacheKey);
      },
    );
    setBounded(lookUps, cacheKey, lookUp, keysMax);
    return lookUp;
  };

  return {
    authenticate: async (credentials) => {
      const key = readKey(credentials);
      if (!isPossible(key, options)) {
        failedAttempts.note(credentials.address);
        throw refusal('this is not an API key of Longshore');
      }
      const hash = keyFormat.hash(key);
      const cacheKey = hash.toString('base64');
      const known = lookUps.get(cacheKey);
      const isFresh = known !== undefined && known.expiresAtMs > nowMs();
      const found = await (isFresh ? known : startLookUp(cacheKey, hash, credentials.address)).found;
      if (!found) throw refusal('the API key is unknown, has expired or was revoked');
      return found.principal;
    },
    forgetOrgs: (orgIds) => {
      const changed = new Set<number | null>(orgIds);
      // A read that is under way may be older than the change, whoever's key it finds.
      for (const [cacheKey, lookUp] of lookUps) {
        if (lookUp.orgId === undefined || changed.has(lookUp.orgId)) lookUps.delete(cacheKey);
      }
    },
    forgetAll: () => lookUps.clear(),
  };
};

/** From `Authorization: Bearer` or `x-api-key`; empty for an authorization of another kind. Two keys must be one. */
const readKey = ({ authorization, xApiKey }: Credentials): string => {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const key = bearer ?? xApiKey ?? (authorization === undefined ? undefined : '');
  if (key === undefined) throw refusal('no API key was given');
  if (xApiKey !== undefined && xApiKey !== key) throw refusal('two different API keys were given');
  return key;
};

/** Whether anybody could have this key. What begins as ours do is ours or nothing. */
const isPossible = (key: string, { keyFormat, areImportedKeysTaken }: AuthenticatorOptions): boolean =>
  keyFormat.isOurs(key) ? keyFormat.isWellFormed(key) : areImportedKeysTaken && importedKey.test(key);

/** Shorter ones can be guessed. */
const importedKey = /^[\x21-\x7e]{16,512}$/;

const refusal = (message: string): LongshoreError =>
  new LongshoreError('UNAUTHENTICATED', message, {
    field: 'authorization',
    hint: 'Send the key in the header `Authorization: Bearer ...` or `x-api-key`.',
  });

const setBounded = <Value>(map: Map<string, Value>, key: string, value: Value, sizeMax: number): void => {
  map.delete(key);
  if (map.size >= sizeMax) map.delete(map.keys().next().value!);
  map.set(key, value);
};
