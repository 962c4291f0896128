import { type ErrorBody, type ErrorCode, LongshoreError } from '@longshore/contract';
import { type httpLink, TRPCClientError } from '@trpc/client';
import type { CallFailure } from './retry-policy.ts';

/** An HTTP answer that is not the API's own JSON: a proxy's error page, a load balancer's text. */
class ForeignAnswer extends Error {
  override readonly name = 'ForeignAnswer';
  readonly response: Response;

  constructor(response: Response) {
    super(`HTTP ${response.status}`);
    this.response = response;
  }
}

type FetchOfTrpc = NonNullable<Parameters<typeof httpLink>[0]['fetch']>;

/** A fetch for tRPC that rejects answers which are no JSON, keeping their status, which tRPC would lose. */
export const refuseForeignAnswers =
  (fetch: typeof globalThis.fetch): FetchOfTrpc =>
  async (input, init) => {
    // tRPC spells out `undefined` for what it leaves away; fetch takes that for the same.
    const response = await fetch(input, init as RequestInit);
    if (response.headers.get('content-type')?.includes('json')) return response;
    await response.body?.cancel();
    throw new ForeignAnswer(response);
  };

/** Sorts what a call threw into a LongshoreError and the wait that the server asked for. */
export const toCallFailure = (thrown: unknown): CallFailure => {
  if (thrown instanceof LongshoreError) return { error: thrown };
  const response = responseOf(thrown);
  return { error: toLongshoreError(thrown, response), retryAfterSeconds: readRetryAfter(response) };
};

const toLongshoreError = (cause: unknown, response: Response | undefined): LongshoreError => {
  const body = errorBodyOf(cause);
  if (body) return LongshoreError.fromBody(body);
  if (response) {
    return new LongshoreError(codeOfStatus(response.status), `The server answered HTTP ${response.status}.`, {
      hint: 'This answer did not come from Longshore; check the url and what stands between.',
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LongshoreError('UNAVAILABLE', `The server cannot be reached: ${reason}`, { cause });
};

const errorBodyOf = (thrown: unknown): ErrorBody | undefined => {
  if (!(thrown instanceof TRPCClientError)) return undefined;
  const data: { longshore?: ErrorBody } | undefined = thrown.data;
  return data?.longshore;
};

const responseOf = (thrown: unknown): Response | undefined => {
  if (!(thrown instanceof TRPCClientError)) return undefined;
  if (thrown.cause instanceof ForeignAnswer) return thrown.cause.response;
  const response = thrown.meta?.response;
  return isResponse(response) ? response : undefined;
};

/** By its looks, as a fetch of the caller's own may have a Response class of its own. */
const isResponse = (value: unknown): value is Response =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;

/** Seconds from a Retry-After header in its number form; dates are left to the backoff. */
const readRetryAfter = (response: Response | undefined): number | undefined => {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, retryAfterSecondsMax) : undefined;
};

const codeOfStatus = (status: number): ErrorCode => codesByStatus[status] ?? 'INTERNAL';

const retryAfterSecondsMax = 60;
const codesByStatus: Record<number, ErrorCode> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};
