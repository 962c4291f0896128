import { type JobError, limits } from '@longshore/contract';

const messageCharsMax = 8_192;
const stackCharsMax = 16_384;

/** Thrown by a handler: trying again is pointless, so the job goes to the dead letters at once. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** Thrown by a handler: run this job again after so many seconds. Counts as no attempt. */
export class SnoozeError extends Error {
  override readonly name = 'SnoozeError';
  readonly delaySeconds: number;

  constructor(delaySeconds: number) {
    super(`snoozed for ${delaySeconds} s`);
    this.delaySeconds = delaySeconds;
  }
}

/**
 * Thrown by a handler: this job is for somebody else. It goes back unspent at once, to the end of its line, and the place it
 * ran in takes no job for `restSeconds`, so that a worker alone with a job it does not want does not run in circles.
 */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
  readonly restSeconds: number;

  constructor(restSeconds = 1) {
    super('given back for somebody else');
    this.restSeconds = restSeconds;
  }
}

/** Thrown by a handler: the attempt failed; try again after so many seconds, whatever the job's backoff says. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, options?: { cause?: unknown }) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The wait that an error asks for: any error class may have `retryAfterSeconds`. Undefined when it asks for none. */
export const retryAfterSecondsOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('retryAfterSeconds' in error)) return undefined;
  const seconds = error.retryAfterSeconds;
  return typeof seconds === 'number' && Number.isFinite(seconds)
    ? Math.min(Math.max(seconds, 0), limits.delaySecondsMax)
    : undefined;
};

/** Whatever was thrown, as a job keeps it: text that PostgreSQL can store, cut to a bound. */
export const toJobError = (thrown: unknown): JobError => {
  if (!(thrown instanceof Error)) return { message: storable(String(thrown), messageCharsMax) };
  return {
    name: storable(thrown.name, messageCharsMax),
    message: storable(thrown.message, messageCharsMax),
    ...('code' in thrown &&
      typeof thrown.code === 'string' && { code: storable(thrown.code, messageCharsMax) }),
    ...(thrown.stack !== undefined && { stack: storable(stackWithCause(thrown), stackCharsMax) }),
  };
};

const stackWithCause = (error: Error): string =>
  error.cause instanceof Error
    ? `${error.stack}\n[cause]: ${error.cause.stack ?? error.cause.message}`
    : String(error.stack);

const storable = (text: string, charsMax: number): string =>
  text.slice(0, charsMax).toWellFormed().replaceAll('\u0000', '\uFFFD');
