/**
 * The closed list of error codes. `sqlState` is what the SQL functions raise, `httpStatus` what HTTP answers,
 * `isRetryable` whether the same call may succeed later without a change. docs/errors.md lists the same codes.
 */
export const errorCodes = {
  INVALID_INPUT: { sqlState: 'LS001', httpStatus: 400, isRetryable: false },
  UNKNOWN_OPTION: { sqlState: 'LS002', httpStatus: 400, isRetryable: false },
  TOO_LARGE: { sqlState: 'LS003', httpStatus: 413, isRetryable: false },
  UNAUTHENTICATED: { sqlState: 'LS004', httpStatus: 401, isRetryable: false },
  FORBIDDEN: { sqlState: 'LS005', httpStatus: 403, isRetryable: false },
  NOT_FOUND: { sqlState: 'LS006', httpStatus: 404, isRetryable: false },
  CONFLICT: { sqlState: 'LS007', httpStatus: 409, isRetryable: false },
  IDEMPOTENCY_CONFLICT: { sqlState: 'LS008', httpStatus: 409, isRetryable: false },
  INVALID_STATE: { sqlState: 'LS009', httpStatus: 409, isRetryable: false },
  LEASE_LOST: { sqlState: 'LS010', httpStatus: 409, isRetryable: false },
  SESSION_LOST: { sqlState: 'LS011', httpStatus: 409, isRetryable: false },
  SCHEMA_MISMATCH: { sqlState: 'LS012', httpStatus: 503, isRetryable: false },
  RATE_LIMITED: { sqlState: 'LS013', httpStatus: 429, isRetryable: true },
  UNAVAILABLE: { sqlState: 'LS014', httpStatus: 503, isRetryable: true },
  TIMEOUT: { sqlState: 'LS015', httpStatus: 504, isRetryable: true },
  JOB_FAILED: { sqlState: 'LS016', httpStatus: 500, isRetryable: false },
  JOB_CANCELLED: { sqlState: 'LS017', httpStatus: 409, isRetryable: false },
  INTERNAL: { sqlState: 'LS099', httpStatus: 500, isRetryable: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What an error looks like on the wire, in tRPC's `error.data.longshore` and in the per-item answers of a batch. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  /** Path of the offending field, such as `jobs[3].payload.user`. */
  field?: string;
  /** What to do about it, in one sentence. */
  hint?: string;
  isRetryable: boolean;
  /** When the same call may be sent again, if the server knows; also in the header Retry-After, rounded up. */
  retryAfterSeconds?: number;
}

export interface LongshoreErrorOptions {
  field?: string | undefined;
  hint?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** The one error class of Longshore. Tell cases apart by `code`, never by message. */
export class LongshoreError extends Error {
  override readonly name = 'LongshoreError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: LongshoreErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field;
    this.hint = options.hint;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get isRetryable(): boolean {
    return errorCodes[this.code].isRetryable;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.field !== undefined && { field: this.field }),
      ...(this.hint !== undefined && { hint: this.hint }),
      isRetryable: this.isRetryable,
      ...(this.retryAfterSeconds !== undefined && { retryAfterSeconds: this.retryAfterSeconds }),
    };
  }

  static fromBody(body: ErrorBody): LongshoreError {
    return new LongshoreError(body.code, body.message, {
      field: body.field,
      hint: body.hint,
      retryAfterSeconds: body.retryAfterSeconds,
    });
  }
}

/** The code that belongs to a SQLSTATE raised by our SQL functions, or undefined for any other. */
export const errorCodeOfSqlState = (sqlState: string): ErrorCode | undefined =>
  (Object.keys(errorCodes) as ErrorCode[]).find((code) => errorCodes[code].sqlState === sqlState);
