import { LongshoreError } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import { FatalError, ReleaseError, RetryAfterError, SnoozeError } from './job-errors.ts';
import { outcomeOfAbort, outcomeOfError, outcomeOfResult } from './job-outcome.ts';

describe('job outcome', () => {
  it('an ordinary error may be tried again', () => {
    expect(outcomeOfError(new TypeError('oops'))).toMatchObject({
      type: 'fail',
      isRetryable: true,
      error: { name: 'TypeError', message: 'oops' },
    });
  });

  it('a fatal error may not', () => {
    expect(outcomeOfError(new FatalError('never'))).toMatchObject({ type: 'fail', isRetryable: false });
  });

  it('any error class can ask for a wait', () => {
    class Busy extends Error {
      readonly retryAfterSeconds = 7;
    }
    expect(outcomeOfError(new Busy())).toMatchObject({ retryAfterSeconds: 7 });
    expect(outcomeOfError(new RetryAfterError('later', -1))).toMatchObject({ retryAfterSeconds: 0 });
    expect(outcomeOfError(new RetryAfterError('later', Number.NaN))).toMatchObject({
      retryAfterSeconds: undefined,
    });
  });

  it('a snooze is no failure', () => {
    expect(outcomeOfError(new SnoozeError(3))).toEqual({ type: 'snooze', delaySeconds: 3 });
  });

  it('a release is no failure, and lets its place rest', () => {
    expect(outcomeOfError(new ReleaseError(2))).toEqual({ type: 'release', restSeconds: 2 });
  });

  it('whatever is thrown can be stored', () => {
    expect(outcomeOfError('text\u0000')).toMatchObject({ error: { message: 'text\uFFFD' } });
    expect(outcomeOfError(undefined)).toMatchObject({ error: { message: 'undefined' } });
    expect(outcomeOfError(new Error('\ud800'.repeat(100_000)))).toMatchObject({
      error: { message: '\uFFFD'.repeat(8_192) },
    });
  });

  it('a lost lease is told to nobody, a timeout is a failure with its code', () => {
    expect(outcomeOfAbort(new LongshoreError('LEASE_LOST', 'gone')).type).toBe('lost');
    expect(outcomeOfAbort(new LongshoreError('TIMEOUT', 'late'))).toMatchObject({
      type: 'fail',
      isRetryable: true,
      error: { code: 'TIMEOUT' },
    });
  });

  it('a result that JSON would change is refused', () => {
    expect(outcomeOfResult(undefined)).toEqual({ type: 'complete', resultText: undefined });
    expect(() => outcomeOfResult({ ratio: Number.NaN })).toThrow(LongshoreError);
    expect(() => outcomeOfResult([{ toJSON: () => [() => 1] }])).toThrow(LongshoreError);
    expect(() => outcomeOfResult(1n)).toThrow(LongshoreError);
    expect(() => outcomeOfResult(() => 1)).toThrow(LongshoreError);
  });
});
