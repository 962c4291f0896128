import { pause } from './retry-policy.ts';

/** Waits for the work, but no longer than `ms`, nor once `hurry` is aborted. Rejects when the work does. */
export const waitAtMost = async (ms: number, work: Promise<void>, hurry?: AbortSignal): Promise<void> => {
  const over = new AbortController();
  const signal = hurry ? AbortSignal.any([over.signal, hurry]) : over.signal;
  try {
    await Promise.race([work, pause(ms, signal)]);
  } finally {
    over.abort();
  }
};
