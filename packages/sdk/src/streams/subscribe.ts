import { toCallFailure } from '../call-failure.ts';
import { backoffMs, pause } from '../retry-policy.ts';
import type { OpenSubscription, StreamedEvent } from './subscription.ts';

export interface SubscribeOptions {
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /** Goes on behind this event, of a process before this one perhaps. Left out: begins with how things stand. */
  lastEventId?: string | undefined;
}

/** The longest wait between two tries, so that everybody is back soon after a restart. */
const backoffCapMs = 2_000;

/**
 * The events of a subscription, over as many connections as it takes: one that breaks is followed by another that goes on behind
 * the last event, at whatever process answers. Nothing is told twice and nothing is left out. Rejects with a LongshoreError
 * that no further try would mend, such as NOT_FOUND or UNAUTHENTICATED.
 */
export async function* subscribe(
  open: OpenSubscription,
  path: string,
  asked: Record<string, unknown>,
  { signal: caller, lastEventId: startId }: SubscribeOptions = {},
): AsyncGenerator<StreamedEvent, void> {
  const signal = caller ?? new AbortController().signal;
  let lastEventId = startId;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const input = lastEventId === undefined ? asked : { ...asked, lastEventId };
      for await (const event of open({ path, input }, signal)) {
        failures = 0;
        lastEventId = event.id ?? lastEventId;
        yield event;
        if (signal.aborted) return;
      }
      return;
    } catch (thrown) {
      if (signal.aborted) return;
      const { error, retryAfterSeconds = 0 } = toCallFailure(thrown);
      if (!error.isRetryable) throw error;
      const asksForMs = (error.retryAfterSeconds ?? retryAfterSeconds) * 1_000;
      await pause(Math.max(backoffMs(Math.max(failures, 1), Math.random, backoffCapMs), asksForMs), signal);
    }
  }
}
