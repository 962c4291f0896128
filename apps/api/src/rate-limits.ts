import { LongshoreError, type RateClass, type RateLimits } from '@longshore/contract';
import type { Draw, Drawn, Principal } from '@longshore/db';

export interface RateLimiterOptions {
  /** Tokens from the bucket that all processes share. */
  draw(draw: Draw): Promise<Drawn>;
  /** The deployment's limits, for keys that have none of their own. */
  limits: RateLimits;
  nowMs?: () => number;
}

/** Who is counted, and what the key's own limits are. */
export type RateSubject = Pick<Principal, 'orgId' | 'keyId' | 'rateLimits'>;

export interface RateLimiter {
  /** Takes `cost` calls off the key's budget of the class. Throws RATE_LIMITED, TOO_LARGE for more than a minute's worth. */
  spend(subject: RateSubject, rateClass: RateClass, cost: number): Promise<void>;
}

interface Purse {
  tokens: number;
  /** Tokens that were not used by then are thrown away, or a burst could be saved up here beside the shared bucket. */
  staleAtMs: number;
  /** Until then no call that costs as much needs to ask. */
  refusedUntilMs: number;
  refusedCost: number;
  /** Draws of one purse come one after the other. */
  turn: Promise<void>;
}

const tokensStaleMs = 1_000;
const pursesMax = 100_000;

/**
 * Rate limits that hold over all API processes without a look at the database for each call: a process draws about a second's
 * worth at a time from the shared bucket. What is drawn counts as spent, so the processes together never allow more.
 */
export const createRateLimiter = ({
  draw,
  limits,
  nowMs = () => performance.now(),
}: RateLimiterOptions): RateLimiter => {
  const purses = new Map<string, Purse>();

  const purseOf = (key: string): Purse => {
    const known = purses.get(key);
    if (known) return known;
    if (purses.size >= pursesMax) purses.delete(purses.keys().next().value!);
    const made: Purse = {
      tokens: 0,
      staleAtMs: 0,
      refusedUntilMs: 0,
      refusedCost: 0,
      turn: Promise.resolve(),
    };
    purses.set(key, made);
    return made;
  };

  const takeFrom = (purse: Purse, cost: number): boolean => {
    if (purse.staleAtMs <= nowMs()) purse.tokens = 0;
    if (purse.tokens < cost) return false;
    purse.tokens -= cost;
    return true;
  };

  const refill = async (purse: Purse, asked: Draw): Promise<void> => {
    const startedAtMs = nowMs();
    const { granted, waitSeconds } = await draw(asked);
    if (granted > 0) {
      purse.tokens += granted;
      purse.staleAtMs = startedAtMs + tokensStaleMs;
      return;
    }
    purse.refusedUntilMs = nowMs() + (waitSeconds ?? 0) * 1_000;
    purse.refusedCost = asked.needed;
  };

  const spendFrom = async (purse: Purse, asked: Draw): Promise<void> => {
    if (takeFrom(purse, asked.needed)) return;
    refuseIfTold(purse, asked, nowMs());
    await refill(purse, asked);
    if (takeFrom(purse, asked.needed)) return;
    refuseIfTold(purse, asked, nowMs());
    // The answer was so long under way that what it brought is stale.
    throw refusal(asked, 1);
  };

  return {
    spend: async ({ orgId, keyId, rateLimits }, rateClass, cost) => {
      const perMinute = rateLimits[rateClass] ?? limits[rateClass];
      if (perMinute === undefined || cost === 0) return;
      if (cost > perMinute) throw tooMuch(cost, rateClass, perMinute);
      const purse = purseOf(`${keyId} ${rateClass}`);
      const wanted = Math.max(cost, Math.ceil(perMinute / 60));
      const asked: Draw = { orgId, keyId, class: rateClass, needed: cost, wanted, perMinute };
      const mine = purse.turn.then(() => spendFrom(purse, asked));
      purse.turn = mine.catch(() => {});
      await mine;
    },
  };
};

const refuseIfTold = (purse: Purse, asked: Draw, nowMs: number): void => {
  const waitMs = purse.refusedUntilMs - nowMs;
  if (waitMs > 0 && asked.needed >= purse.refusedCost) throw refusal(asked, waitMs / 1_000);
};

const refusal = ({ class: rateClass, perMinute }: Draw, retryAfterSeconds: number): LongshoreError =>
  new LongshoreError('RATE_LIMITED', `this key may make ${perMinute} calls of class ${rateClass} a minute`, {
    hint: 'Send the same call again after the time in Retry-After, or ask whoever runs the deployment for a higher limit.',
    retryAfterSeconds,
  });

const tooMuch = (cost: number, rateClass: RateClass, perMinute: number): LongshoreError =>
  new LongshoreError(
    'TOO_LARGE',
    `a call that counts ${cost} can never be made: this key may make ${perMinute} of class ${rateClass} a minute`,
    { hint: 'Send fewer items in one call.' },
  );
