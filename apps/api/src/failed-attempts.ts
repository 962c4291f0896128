import { LongshoreError } from '@longshore/contract';
import { networkOf } from './client-network.ts';

export interface FailedAttemptsOptions {
  /** Wrong keys that one network may try a minute; 0 for any number. */
  perMinute: number;
  /** Networks remembered at most. Default 10,000. */
  networksMax?: number;
  nowMs?: () => number;
}

/** How often each network has tried a wrong key, in this process. */
export interface FailedAttempts {
  /** A key was refused that nobody had to look up. */
  note(address: string): void;
  /**
   * Looks up a key that nobody vouches for; an answer of null is a failure. No more look-ups of a network are under way than
   * it has tries left, the others wait. Throws RATE_LIMITED once it has none.
   */
  tryOnce<Answer>(address: string, lookUp: () => Promise<Answer | null>): Promise<Answer | null>;
}

interface Tally {
  failures: number;
  endsAtMs: number;
  underWay: number;
  waiting: (() => void)[];
}

const windowMs = 60_000;

export const createFailedAttempts = ({
  perMinute,
  networksMax = 10_000,
  nowMs = () => performance.now(),
}: FailedAttemptsOptions): FailedAttempts => {
  if (perMinute === 0) return { note: () => {}, tryOnce: (_address, lookUp) => lookUp() };
  const tallies = new Map<string, Tally>();

  const tallyOf = (address: string): Tally => {
    const network = networkOf(address);
    const known = tallies.get(network);
    if (known) return known;
    if (tallies.size >= networksMax) tallies.delete(tallies.keys().next().value!);
    const made: Tally = { failures: 0, endsAtMs: 0, underWay: 0, waiting: [] };
    tallies.set(network, made);
    return made;
  };

  const noteFailure = (tally: Tally): void => {
    startAfresh(tally, nowMs());
    if (tally.failures === 0) tally.endsAtMs = nowMs() + windowMs;
    tally.failures += 1;
  };

  const takeTurn = async (tally: Tally): Promise<void> => {
    for (;;) {
      startAfresh(tally, nowMs());
      if (tally.failures >= perMinute) throw refusal((tally.endsAtMs - nowMs()) / 1_000);
      if (tally.failures + tally.underWay < perMinute) break;
      await new Promise<void>((resolve) => tally.waiting.push(resolve));
    }
    tally.underWay += 1;
  };

  const endTurn = (tally: Tally): void => {
    tally.underWay -= 1;
    const woken = tally.failures >= perMinute ? tally.waiting.splice(0) : tally.waiting.splice(0, 1);
    for (const wake of woken) wake();
  };

  return {
    note: (address) => noteFailure(tallyOf(address)),
    tryOnce: async (address, lookUp) => {
      const tally = tallyOf(address);
      await takeTurn(tally);
      try {
        const answer = await lookUp();
        if (answer === null) noteFailure(tally);
        return answer;
      } finally {
        endTurn(tally);
      }
    },
  };
};

const startAfresh = (tally: Tally, nowMs: number): void => {
  if (tally.endsAtMs <= nowMs) tally.failures = 0;
};

const refusal = (retryAfterSeconds: number): LongshoreError =>
  new LongshoreError('RATE_LIMITED', 'too many wrong API keys came from this network', {
    hint: 'Keys that were used here in the last ten minutes still work; try another after the time in Retry-After.',
    retryAfterSeconds,
  });
