import { errorCodeOfSqlState, LongshoreError } from '@longshore/contract';
import { DatabaseError } from 'pg';

/** SQLSTATEs and socket errors that pass by themselves: restarts, failovers, lost connections, locks, full pools. */
const passing = new Set([
  '25006',
  '40001',
  '40P01',
  '53300',
  '53400',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '58P01',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * The LongshoreError for whatever a query threw: our own SQLSTATEs keep code, field and hint; what passes by itself is
 * UNAVAILABLE; data that PostgreSQL cannot store is INVALID_INPUT; the rest is INTERNAL, with the SQLSTATE alone.
 */
export const toLongshoreError = (error: unknown): LongshoreError => {
  if (error instanceof LongshoreError) return error;
  const state = (error as { code?: unknown }).code;
  if (error instanceof DatabaseError && typeof state === 'string') {
    const code = errorCodeOfSqlState(state);
    if (code)
      return new LongshoreError(code, error.message, { field: error.detail, hint: error.hint, cause: error });
    if (state.startsWith('22')) {
      return new LongshoreError(
        'INVALID_INPUT',
        `PostgreSQL cannot store a value of this request (${state})`,
        { cause: error },
      );
    }
  }
  if (isPassing(error, state)) {
    return new LongshoreError('UNAVAILABLE', 'the database does not answer right now', {
      hint: 'Send the same call again in a moment.',
      cause: error,
    });
  }
  return new LongshoreError('INTERNAL', `unexpected database error (${String(state ?? 'no SQLSTATE')})`, {
    cause: error,
  });
};

/** True when the error tells of a row or table that somebody else has locked for too long. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof LongshoreError && isSqlState(error.cause, '55P03');

/** True for an error as PostgreSQL answered it, of this SQLSTATE. */
export const isSqlState = (error: unknown, state: string): boolean =>
  error instanceof DatabaseError && error.code === state;

/** True when PostgreSQL refused a statement, which then has done nothing, and the connection is as good as before. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof DatabaseError && error.severity === 'ERROR' && !/^(08|57P)/.test(error.code ?? '');

/** What pg says without a code. `not queryable`: to the rollback of a transaction whose connection broke, which hides why. */
const lostConnection = /timeout|terminated|Connection ended|Cannot use a pool|not queryable/i;

const isPassing = (error: unknown, state: unknown): boolean => {
  if (typeof state === 'string' && (passing.has(state) || state.startsWith('08'))) return true;
  // A function or table was replaced between the plan and its use: a migrator is at work.
  if (state === 'XX000' && /cache lookup failed|could not open relation/.test((error as Error).message))
    return true;
  return error instanceof Error && lostConnection.test(error.message);
};
