import { setTimeout as delay } from 'node:timers/promises';
import type { Turns } from './turns.ts';

/** What many follow and one looks at. */
export interface SharedLook<Key, Value> {
  /** What the looks find: the newest each time it is asked for. Ends with the signal; throws when a look fails. */
  follow(key: Key, signal: AbortSignal): AsyncGenerator<Value, void>;
}

interface Looking<Value> {
  followers: number;
  /** Looks so far. */
  version: number;
  latest: { value: Value } | { error: unknown } | undefined;
  waiting: Set<() => void>;
}

export interface SharedLookOptions {
  /** Between two looks at the same. Default 1,000. */
  pauseMs?: number;
  /** What a look waits for. Default: nothing. */
  turns?: Turns;
}

/**
 * Looks once a second at what somebody follows, and less often where a look takes long: a tenth of the time at most goes into it.
 */
export const createSharedLook = <Key, Value>(
  look: (key: Key) => Promise<Value>,
  { pauseMs = 1_000, turns = (work) => work() }: SharedLookOptions = {},
): SharedLook<Key, Value> => {
  const lookings = new Map<Key, Looking<Value>>();

  /** How long it took. */
  const lookOnce = async (key: Key, looking: Looking<Value>): Promise<number> => {
    // They may have left while it waited for its turn.
    if (looking.followers === 0) return 0;
    const startedAtMs = performance.now();
    looking.latest = await look(key).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    looking.version += 1;
    for (const wake of looking.waiting) wake();
    return performance.now() - startedAtMs;
  };

  const run = async (key: Key, looking: Looking<Value>): Promise<void> => {
    while (looking.followers > 0) {
      const tookMs = await turns(() => lookOnce(key, looking));
      await delay(Math.max(pauseMs, tookMs * 10), undefined, { ref: false });
    }
    lookings.delete(key);
  };

  const join = (key: Key): Looking<Value> => {
    const known = lookings.get(key);
    if (known) {
      known.followers += 1;
      return known;
    }
    const looking: Looking<Value> = { followers: 1, version: 0, latest: undefined, waiting: new Set() };
    lookings.set(key, looking);
    void run(key, looking);
    return looking;
  };

  return {
    follow: async function* (key, signal) {
      const looking = join(key);
      try {
        for (let seen = 0; !signal.aborted; ) {
          if (looking.version === seen) {
            await nextLook(looking, signal);
            continue;
          }
          seen = looking.version;
          const latest = looking.latest!;
          if ('error' in latest) throw latest.error;
          yield latest.value;
        }
      } finally {
        looking.followers -= 1;
      }
    },
  };
};

const nextLook = ({ waiting }: Looking<unknown>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
  });
