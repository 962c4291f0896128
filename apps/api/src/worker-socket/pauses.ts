import { setTimeout as delay } from 'node:timers/promises';

/** Between two tries. */
export const retryMs = 1_000;

/** Resolves after this long, or when the signal is aborted. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
};

/** Before asking again for what came back at once and empty: until `retryMs` after that was asked for, as `performance.now()` had it. */
export const pauseSince = async (askedAtMs: number, signal: AbortSignal): Promise<void> => {
  const leftMs = askedAtMs + retryMs - performance.now();
  if (leftMs > 0) await pause(leftMs, signal);
};
