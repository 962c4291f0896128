import { LongshoreError } from '@longshore/contract';

/**
 * What comes next, unless nothing comes for so long that the other side must be gone: then `giveUp` is called with a TIMEOUT, and
 * must make `next` reject. The time in which nobody asks does not count.
 */
export const nextWithin = async <Value>(
  ms: number,
  next: () => Promise<Value>,
  giveUp: (reason: LongshoreError) => void,
): Promise<Value> => {
  const timer = setTimeout(
    () => giveUp(new LongshoreError('TIMEOUT', `The server has said nothing for ${ms / 1_000} s.`)),
    ms,
  );
  try {
    return await next();
  } finally {
    clearTimeout(timer);
  }
};
