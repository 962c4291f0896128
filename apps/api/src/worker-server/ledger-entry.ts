import { findJsonFault, type JsonValue, limits, text, uuidV7 } from '@longshore/contract';
import type { NewJob, PackedClaim } from '@longshore/db';

/** A request as the database keeps it. */
export interface LedgerRequest {
  requestId: string;
  category?: string | undefined;
  model?: string | undefined;
  /** What was dispatched; undefined for a request that was only tracked. */
  message?: JsonValue | undefined;
}

/** `released` is neither completed nor failed: its job ends cancelled. */
export type RequestOutcome = 'completed' | 'failed' | 'released';

/** A request with its job. */
export interface Entry extends LedgerRequest {
  jobId: string;
  /** Null for one of an earlier run that no worker has been given since. */
  workerId: string | null;
  leaseToken: string | undefined;
  isStored: boolean;
  /** It has another worker than the database knows of. */
  isMoved: boolean;
  outcome: RequestOutcome | undefined;
}

export type HeldEntry = Entry & { leaseToken: string };

export const hasLease = (entry: Entry): entry is HeldEntry => entry.leaseToken !== undefined;

/** The kind of the jobs that tracked requests are. */
export const requestKind = 'tracked_request';

/** Its id is chosen here, so that a job whose answer was lost is not made twice. */
export const makeEntry = (request: LedgerRequest, workerId: string): Entry => ({
  ...request,
  jobId: uuidV7(),
  workerId,
  leaseToken: undefined,
  isStored: false,
  isMoved: false,
  outcome: undefined,
});

const externalId = text(limits.keyCharsMax).optional();
const category = text(limits.nameCharsMax).optional();

/** Why the database cannot keep a request, or undefined. */
export const faultOf = (request: LedgerRequest): string | undefined => {
  if (!externalId.safeParse(request.requestId).success) return 'requestId';
  if (!category.safeParse(request.category).success) return 'category';
  return findJsonFault([request.message ?? null, request.model ?? null]) && 'message';
};

export const toJob = (
  { jobId, requestId, workerId, category, model, message }: Entry,
  queue: string,
): NewJob => ({
  id: jobId,
  kind: requestKind,
  queue,
  externalId: requestId,
  maxAttempts: 1,
  ...(category !== undefined && { category }),
  payload: {
    requestId,
    workerId,
    category: category ?? null,
    model: model ?? null,
    message: message ?? null,
  },
});

/** The request of a job of an earlier run. */
export const readEntry = ({ id, leaseToken, text }: PackedClaim): Entry => {
  const { payload } = JSON.parse(text) as { payload: Record<string, JsonValue> };
  const { requestId, category, model, message } = payload;
  return {
    jobId: id,
    requestId: String(requestId),
    category: typeof category === 'string' ? category : undefined,
    model: typeof model === 'string' ? model : undefined,
    message: message ?? undefined,
    workerId: null,
    leaseToken,
    isStored: true,
    isMoved: false,
    outcome: undefined,
  };
};
