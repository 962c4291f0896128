import { type ErrorBody, type ErrorCode, errorCodes, LongshoreError } from '@longshore/contract';
import { TRPCError } from '@trpc/server';
import {
  type TRPC_ERROR_CODE_KEY,
  type TRPC_ERROR_CODE_NUMBER,
  TRPC_ERROR_CODES_BY_KEY,
} from '@trpc/server/rpc';
import { z } from 'zod';

/** What `error.data` of an answer holds, whichever part of the server refused the call. */
export interface ErrorData {
  code: TRPC_ERROR_CODE_KEY;
  httpStatus: number;
  requestId: string | null;
  longshore: ErrorBody;
}

/** The LongshoreError that a caller is told of. What is none of ours becomes INTERNAL, its message kept back. */
export const toLongshoreError = (thrown: unknown): LongshoreError => {
  if (thrown instanceof LongshoreError) return thrown;
  if (thrown instanceof z.ZodError) return fromZodError(thrown);
  if (thrown instanceof TRPCError) return fromTrpcError(thrown);
  return fromHttpStatus(statusOf(thrown)) ?? internal(thrown);
};

export const errorDataOf = (error: LongshoreError, requestId: string | null): ErrorData => ({
  code: trpcCodes[errorCodes[error.code].httpStatus],
  httpStatus: errorCodes[error.code].httpStatus,
  requestId,
  longshore: error.toBody(),
});

/** The value of Retry-After for these errors, in whole seconds, or null when none of them passes by itself. */
export const retryAfterOf = (errors: readonly LongshoreError[]): string | null => {
  const passing = errors.filter((error) => error.isRetryable);
  if (passing.length === 0) return null;
  return String(Math.max(...passing.map(({ retryAfterSeconds = 1 }) => Math.ceil(retryAfterSeconds)), 1));
};

/** What tRPC calls an error of this HTTP status, for clients that only know tRPC. */
const trpcCodes = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
} as const satisfies Record<(typeof errorCodes)[ErrorCode]['httpStatus'], TRPC_ERROR_CODE_KEY>;

/** The number that belongs to it in the JSON-RPC envelope. */
export const trpcCodeNumberOf = (error: LongshoreError): TRPC_ERROR_CODE_NUMBER =>
  TRPC_ERROR_CODES_BY_KEY[trpcCodes[errorCodes[error.code].httpStatus]];

/** The first issue of a refused input, such as `jobs[3].payload.user`. */
export const fromZodError = (error: z.ZodError, within: readonly PropertyKey[] = []): LongshoreError => {
  const [issue] = error.issues;
  if (!issue) return internal(error);
  if (issue.code === 'unrecognized_keys') {
    const field = writePath([...within, ...issue.path, issue.keys[0] ?? '']);
    return new LongshoreError('UNKNOWN_OPTION', `${field} is not an option`, {
      field,
      hint: 'Check the spelling: unknown options are refused, so that a typo cannot pass unseen.',
    });
  }
  const field = writePath([...within, ...issue.path]);
  return new LongshoreError('INVALID_INPUT', `${field || 'the input'}: ${issue.message}`, {
    field: field || undefined,
  });
};

const fieldCharsMax = 256;

const writePath = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, fieldCharsMax);

const fromTrpcError = (error: TRPCError): LongshoreError => {
  if (error.cause instanceof LongshoreError || error.cause instanceof z.ZodError)
    return toLongshoreError(error.cause);
  switch (error.code) {
    case 'NOT_FOUND':
      return new LongshoreError('NOT_FOUND', 'there is no such procedure', {
        hint: 'Procedures have names like jobs.submit.',
      });
    case 'PAYLOAD_TOO_LARGE':
      return tooLarge();
    case 'METHOD_NOT_SUPPORTED':
      return new LongshoreError('INVALID_INPUT', 'this HTTP method does not fit the procedure', {
        hint: 'Queries take GET, mutations take POST.',
      });
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
    case 'UNSUPPORTED_MEDIA_TYPE':
      // A parser's own message quotes the body, so it is not passed on.
      return error.cause === undefined
        ? new LongshoreError('INVALID_INPUT', error.message)
        : new LongshoreError('INVALID_INPUT', 'the request could not be read: it is not valid JSON');
    default:
      return internal(error);
  }
};

const fromHttpStatus = (status: number | undefined): LongshoreError | undefined => {
  if (status === 404) return new LongshoreError('NOT_FOUND', 'there is nothing at this path');
  if (status === 413) return tooLarge();
  if (status === 503) return new LongshoreError('UNAVAILABLE', 'the server is shutting down');
  if (status !== undefined && status >= 400 && status < 500) {
    return new LongshoreError('INVALID_INPUT', 'the request could not be read', {
      hint: 'Send JSON with the header `Content-Type: application/json`.',
    });
  }
  return undefined;
};

const tooLarge = (): LongshoreError =>
  new LongshoreError('TOO_LARGE', 'the request is too large', { hint: 'Send fewer items in one request.' });

const internal = (cause: unknown): LongshoreError =>
  new LongshoreError('INTERNAL', 'something went wrong inside the server', {
    hint: 'The request id finds it in the server log.',
    cause,
  });

const statusOf = (thrown: unknown): number | undefined =>
  thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number'
    ? thrown.statusCode
    : undefined;
