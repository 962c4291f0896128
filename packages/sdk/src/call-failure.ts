import { type ErrorBody, type ErrorCode, LongshoreError } from '@longshore/contract';
import type { CallFailure } from './retry-policy.ts';
import type { HttpAnswer } from './transport.ts';

/** An answer that is no result: the API's own refusal, or what a proxy or a load balancer says in its place. */
class RefusedCall extends Error {
  override readonly name = 'RefusedCall';
  readonly answer: HttpAnswer;
  readonly body: ErrorBody | undefined;

  constructor(answer: HttpAnswer, body: ErrorBody | undefined) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
    this.body = body;
  }
}

/** What tRPC wraps an answer in. */
interface Envelope {
  result?: { data?: unknown };
  error?: { data?: { longshore?: ErrorBody } };
}

/** The data of an answer. Throws what `toCallFailure` understands when the call was refused. */
export const readAnswer = (answer: HttpAnswer): unknown => {
  const envelope = readEnvelope(answer);
  if (!envelope?.result) throw new RefusedCall(answer, envelope?.error?.data?.longshore);
  return envelope.result.data;
};

const readEnvelope = ({ contentType, text }: HttpAnswer): Envelope | null => {
  if (!contentType.includes('json')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Sorts what a call threw into a LongshoreError and the wait that the server asked for. */
export const toCallFailure = (thrown: unknown): CallFailure => {
  if (thrown instanceof LongshoreError) return { error: thrown };
  if (!(thrown instanceof RefusedCall)) return { error: unreachable(thrown) };
  const { answer, body } = thrown;
  return {
    error: body ? LongshoreError.fromBody(body) : foreignAnswer(thrown),
    retryAfterSeconds: readRetryAfter(answer),
  };
};

const unreachable = (cause: unknown): LongshoreError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LongshoreError('UNAVAILABLE', `The server cannot be reached: ${reason}`, { cause });
};

const foreignAnswer = (cause: RefusedCall): LongshoreError => {
  const { status } = cause.answer;
  return new LongshoreError(codesByStatus[status] ?? 'INTERNAL', `The server answered HTTP ${status}.`, {
    hint: 'This answer did not come from Longshore; check the url and what stands between.',
    cause,
  });
};

/** Seconds from a Retry-After header in its number form; dates are left to the backoff. */
const readRetryAfter = ({ retryAfter }: HttpAnswer): number | undefined => {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, retryAfterSecondsMax) : undefined;
};

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
