import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 10,000. */
  timeoutMs?: number;
  /** Pause between two looks; default 20. */
  pollMs?: number;
}

/**
 * Looks again and again until the check neither throws nor answers false, null or undefined; gives its answer.
 * Throws the check's own last error, or says that it never became true, after `timeoutMs`.
 */
export const eventually = async <Answer>(
  check: () => Answer | Promise<Answer>,
  { timeoutMs = 10_000, pollMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<Awaited<Answer>, false | null | undefined>> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const look = await lookOnce(check);
    if (look.isDone) return look.answer as Exclude<Awaited<Answer>, false | null | undefined>;
    if (Date.now() >= deadline)
      throw look.error ?? new Error(`Not true within ${timeoutMs} ms: ${check.toString()}`);
    await delay(pollMs);
  }
};

const lookOnce = async (
  check: () => unknown,
): Promise<{ isDone: boolean; answer?: unknown; error?: unknown }> => {
  try {
    const answer = await check();
    return { isDone: answer !== false && answer !== null && answer !== undefined, answer };
  } catch (error) {
    return { isDone: false, error };
  }
};
