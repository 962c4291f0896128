import { LongshoreError } from '@longshore/contract';

const baseMs = 100;
const defaultCapMs = 5_000;

/** Keeps retries a small part of all requests, so that a server in trouble is not buried under them. */
export interface RetryBudget {
  noteRequest(): void;
  /** True when one more retry is affordable; it is then spent. */
  takeRetry(): boolean;
}

export interface RetryBudgetOptions {
  /** Retries earned by a request. Default 0.1. */
  perRequest?: number;
  /** Retries earned by time alone, so that a quiet caller may retry too. Default 1. */
  perSecond?: number;
  /** Retries that can be saved up. Default 20. */
  savedMax?: number;
  nowMs?: () => number;
}

/** A bucket of retries, full at the start, filled by requests and by time. */
export const createRetryBudget = (options: RetryBudgetOptions = {}): RetryBudget => {
  const { perRequest = 0.1, perSecond = 1, savedMax = 20, nowMs = () => performance.now() } = options;
  let saved = savedMax;
  let filledAtMs = nowMs();

  const earn = (retries: number): void => {
    saved = Math.min(savedMax, saved + retries);
  };
  const earnByTime = (): void => {
    const now = nowMs();
    earn(((now - filledAtMs) / 1_000) * perSecond);
    filledAtMs = now;
  };

  return {
    noteRequest: () => earn(perRequest),
    takeRetry: () => {
      earnByTime();
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
};

/** Exponential backoff with full jitter: anything between zero and 100 ms, 200 ms, 400 ms, ... at most `capMs`, 5 s. */
export const backoffMs = (
  failures: number,
  random: () => number = Math.random,
  capMs: number = defaultCapMs,
): number => random() * Math.min(capMs, baseMs * 2 ** (failures - 1));

/** The longest that a timer of Node waits; one for longer fires at once. */
export const timerMsMax = 2 ** 31 - 1;

/** Waits, 24 days at most, or returns early when the signal is aborted. Never rejects. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.min(ms, timerMsMax));
    signal?.addEventListener('abort', finish, { once: true });
  });

/** Why a call failed, and how long the server asked to wait. */
export interface CallFailure {
  error: LongshoreError;
  retryAfterSeconds?: number | undefined;
}

/**
 * `never`: once. `budgeted`: while the budget lasts, up to 30 s after the first failure. `persistent`: until it is answered
 * or its signal is aborted. `stubborn`: the same, and a server that fails inside is asked again for 30 s, as work whose outcome
 * cannot be told is done again.
 */
export type Retries = 'never' | 'budgeted' | 'persistent' | 'stubborn';

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Deadline of one request. */
  timeoutMs?: number | undefined;
  retries?: Retries | undefined;
  /** The longest wait between tries, unless the server asks for more. Default 5 s. */
  backoffCapMs?: number | undefined;
}

export interface RetryPolicy {
  budget: RetryBudget;
  toFailure(thrown: unknown): CallFailure;
}

const requestTimeoutMs = 10_000;
const patienceMs = 30_000;

/**
 * Sends a request until it is answered. Only for calls that may arrive twice without harm.
 * Rejects with the LongshoreError of the last try.
 */
export const callWithRetries = async <Answer>(
  send: (signal: AbortSignal, isFirstSend: boolean) => Promise<Answer>,
  policy: RetryPolicy,
  call: CallOptions = {},
): Promise<Answer> => {
  const { signal, timeoutMs = requestTimeoutMs, retries = 'budgeted', backoffCapMs } = call;
  policy.budget.noteRequest();
  let giveUpAtMs: number | undefined;
  let brokenSinceMs: number | undefined;
  for (let failures = 1; ; failures++) {
    try {
      return await sendWithin(timeoutMs, (attempt) => send(attempt, failures === 1), signal);
    } catch (thrown) {
      const { error, retryAfterSeconds = 0 } = policy.toFailure(thrown);
      const waitMs = Math.max(backoffMs(failures, Math.random, backoffCapMs), retryAfterSeconds * 1_000);
      giveUpAtMs ??= performance.now() + patienceMs;
      brokenSinceMs = error.code === 'INTERNAL' ? (brokenSinceMs ?? performance.now()) : undefined;
      const comesBackAtMs = performance.now() + waitMs;
      const mayBeMended = brokenSinceMs !== undefined && comesBackAtMs <= brokenSinceMs + patienceMs;
      const mayPass = error.isRetryable || (retries === 'stubborn' && mayBeMended);
      if (retries === 'never' || signal?.aborted || !mayPass) throw error;
      if (retries === 'budgeted' && comesBackAtMs > giveUpAtMs) throw error;
      if (retries === 'budgeted' && !policy.budget.takeRetry()) throw error;
      await pause(waitMs, signal);
    }
  }
};

const sendWithin = async <Answer>(
  timeoutMs: number,
  send: (signal: AbortSignal) => Promise<Answer>,
  callerSignal: AbortSignal | undefined,
): Promise<Answer> => {
  const controller = new AbortController();
  const giveUp = (): void =>
    controller.abort(new LongshoreError('UNAVAILABLE', 'The caller gave the call up.'));
  const expire = (): void =>
    controller.abort(
      new LongshoreError('TIMEOUT', `The server did not answer within ${timeoutMs / 1_000} s.`),
    );
  if (callerSignal?.aborted) giveUp();
  callerSignal?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(expire, timeoutMs);
  try {
    return await send(controller.signal);
  } catch (thrown) {
    // The transport wraps the reason of an abort in an error of its own.
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    callerSignal?.removeEventListener('abort', giveUp);
  }
};
