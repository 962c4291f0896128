import { type JobError, type LongshoreError, limits } from '@longshore/contract';
import { FatalError, ReleaseError, retryAfterSecondsOf, SnoozeError, toJobError } from './job-errors.ts';
import { toWireText } from './wire-json.ts';

/** How a run of a job ended, as the worker tells the server. `lost`: it is no longer ours to tell. */
export type JobOutcome =
  | { type: 'complete'; resultText: string | undefined }
  | { type: 'fail'; error: JobError; isRetryable: boolean; retryAfterSeconds: number | undefined }
  | { type: 'snooze'; delaySeconds: number }
  | { type: 'release'; restSeconds?: number }
  | { type: 'lost'; error: LongshoreError };

/** The outcome of a handler that returned. Throws INVALID_INPUT when its result cannot be JSON. */
export const outcomeOfResult = (result: unknown): JobOutcome => ({
  type: 'complete',
  resultText: result === undefined ? undefined : toWireText(result, 'result'),
});

/** The outcome of a handler that threw. */
export const outcomeOfError = (error: unknown): JobOutcome => {
  if (error instanceof ReleaseError) return { type: 'release', restSeconds: error.restSeconds };
  if (error instanceof SnoozeError)
    return {
      type: 'snooze',
      delaySeconds: Math.min(Math.max(error.delaySeconds, 0), limits.delaySecondsMax),
    };
  return {
    type: 'fail',
    error: toJobError(error),
    isRetryable: !(error instanceof FatalError),
    retryAfterSeconds: retryAfterSecondsOf(error),
  };
};

/** The outcome of a handler that was told to stop, and did not finish its work. */
export const outcomeOfAbort = (reason: LongshoreError): JobOutcome =>
  reason.code === 'LEASE_LOST' ? { type: 'lost', error: reason } : outcomeOfError(reason);

/** The outcome of a job whose finish the server refused, such as a result that is too large. */
export const outcomeOfRefusal = (refusal: LongshoreError): JobOutcome => ({
  type: 'fail',
  error: toJobError(refusal),
  isRetryable: false,
  retryAfterSeconds: undefined,
});
