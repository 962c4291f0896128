import { LongshoreError, limits } from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import { backoffMs, pause } from './retry-policy.ts';

/** What a request may take beyond the wait it asks for. */
const answerMs = 10_000;
/** A server that is older than the listening may be replaced by a newer one. */
const oldServerMs = 60_000;

/**
 * Waits at the server to be told that the session has news, again and again until the signal is aborted, and fetches them by
 * `beat`, which resolves with whether that succeeded, before it listens on: what comes meanwhile is found when it is back. Never rejects.
 */
export const listenUntilAborted = async (
  api: ApiClient,
  sessionId: string,
  signal: AbortSignal,
  beat: () => Promise<boolean>,
): Promise<void> => {
  const waitSeconds = limits.waitSecondsMax;
  const call = { signal, retries: 'never', timeoutMs: waitSeconds * 1_000 + answerMs } as const;
  for (let failures = 0; !signal.aborted; ) {
    const askedAtMs = performance.now();
    try {
      const { isNudged } = await api.worker.listen({ sessionId, waitSeconds }, call);
      const isEarly = performance.now() - askedAtMs < (waitSeconds * 1_000) / 2;
      const isGood = isNudged ? await beat() : !isEarly;
      failures = isGood ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      const code = error instanceof LongshoreError ? error.code : undefined;
      if (code === 'SESSION_LOST') await beat();
      if (code === 'NOT_FOUND') await pause(oldServerMs, signal);
    }
    if (failures > 0) await pause(backoffMs(failures), signal);
  }
};
