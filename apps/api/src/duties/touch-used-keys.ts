import type { Principal } from '@longshore/db';
import type { Duty } from './duty.ts';

export interface UsedKeys {
  /** Cheap: it is called while somebody waits. */
  note(key: Pick<Principal, 'orgId' | 'keyId'>): void;
  /** Stores what was noted; answers how many keys that were. */
  flush(): Promise<number>;
}

export interface UsedKeysOptions {
  /** Stores the last use of keys, of each once a minute at most. */
  touch(keys: { orgId: number; keyId: string }[]): Promise<number>;
  /** Keys stored at a time. Default 1,000. */
  batchMax?: number;
}

/** Remembers which keys were used until a duty stores it. What does not fit, or fails, is noted again by the next use. */
export const createUsedKeys = ({ touch, batchMax = 1_000 }: UsedKeysOptions): UsedKeys => {
  let used = new Map<string, { orgId: number; keyId: string }>();
  return {
    note: ({ orgId, keyId }) => {
      if (used.size < batchMax) used.set(keyId, { orgId, keyId });
    },
    flush: async () => {
      const keys = [...used.values()];
      used = new Map();
      return keys.length > 0 ? touch(keys) : 0;
    },
  };
};

/** Stores when keys were last used. */
export const createTouchDuty = (usedKeys: UsedKeys): Duty => ({
  name: 'touch-used-keys',
  intervalMs: 5_000,
  batchMax: Number.POSITIVE_INFINITY,
  runOnce: usedKeys.flush,
});
