import { z } from 'zod';
import { capabilities } from './capabilities.ts';
import { categoryLimits } from './category-limits.ts';
import type { ErrorBody } from './errors.ts';
import { type AttemptRecord, outputStreams } from './job.ts';
import { jobId } from './job-schemas.ts';
import type { JobState } from './job-states.ts';
import { type JsonValue, jsonValue, text } from './json-value.ts';
import { limits } from './limits.ts';
import type { DeliveredMessage } from './message-schemas.ts';

const name = text(limits.nameCharsMax);
const sessionId = z.uuid().toLowerCase();
/** A digest in the form of a UUID, so without a version. */
const leaseToken = z.guid().toLowerCase();
const held = { id: jobId, leaseToken };
const batchOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item).min(1).max(limits.batchJobsMax) });

/** What a worker process says of itself when it starts. The server may narrow it, never widen it. */
export const openSessionInput = z.strictObject({
  kinds: z.array(name).min(1).max(1_000),
  capabilities: capabilities.optional(),
  /** Leave out to serve every queue. */
  queues: z.array(name).min(1).max(1_000).optional(),
  concurrency: z.int().min(1).max(limits.heldJobsMax).optional(),
  /** Of those jobs at most so many by category; `categoryLimits` of the worker's policy hold beside it. */
  concurrencyLimits: categoryLimits.optional(),
  leaseSeconds: z.number().min(limits.leaseSecondsMin).max(limits.leaseSecondsMax).optional(),
  host: name.optional(),
  pid: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  /** Of the program that the process runs. */
  version: name.optional(),
  /** Of the library by which it speaks. */
  sdkVersion: name.optional(),
});
export type OpenSessionInput = z.infer<typeof openSessionInput>;

export interface OpenSessionAnswer {
  sessionId: string;
  workerId: string;
  workerName: string;
  /** Silent for longer than this, the session is dead and its jobs are rescued. */
  leaseSeconds: number;
  heartbeatSeconds: number;
}

/** Releases, unspent, whatever the session still holds. */
export const closeSessionInput = z.strictObject({ sessionId });

export const claimInput = z.strictObject({
  sessionId,
  limit: z.int().min(1).max(limits.claimJobsMax),
  /** How long the call may wait for a job before it answers with none. Default 0. */
  waitSeconds: z.number().min(0).max(limits.waitSecondsMax).optional(),
});
export type ClaimInput = z.infer<typeof claimInput>;

export interface ClaimedJob {
  id: string;
  kind: string;
  queue: string;
  priority: number;
  category: string | null;
  payload: JsonValue;
  attempt: number;
  maxAttempts: number;
  /** Grows with every claim of the job, for resources that check it. */
  fencingToken: number;
  /** Proves the right to write to the job; belongs in no log. */
  leaseToken: string;
  timeoutSeconds: number | null;
  metadata: { [key: string]: JsonValue } | null;
  tags: string[];
  batchId: string | null;
  externalId: string | null;
  createdAt: string;
  runAt: string;
}

export const heartbeatInput = z.strictObject({
  sessionId,
  /** Every job the process believes it holds. */
  held: z.array(z.strictObject(held)).max(limits.heldJobsMax),
  /** It claims nothing more. Left out: as it was. */
  isDraining: z.boolean().optional(),
  concurrency: z.int().min(1).max(limits.heldJobsMax).optional(),
});
export type HeartbeatInput = z.infer<typeof heartbeatInput>;

export interface HeartbeatAnswer {
  /** Jobs named in `held` whose lease is gone; their handlers must stop. `outcome` says how the job's last attempt ended. */
  lost: {
    id: string;
    leaseToken: string;
    state: JobState | null;
    outcome: AttemptRecord['outcome'] | null;
  }[];
  /** Jobs named in `held` that somebody asked to cancel. */
  cancel: { id: string; leaseToken: string; reason: string | null }[];
  /** Oldest first; told until they are acknowledged, 32 at a time. */
  messages: DeliveredMessage[];
}

export const completeInput = batchOf(z.strictObject({ ...held, result: jsonValue.optional() }));
export type CompleteItem = z.infer<typeof completeInput>['items'][number];

export const jobErrorSchema = z.strictObject({
  message: z.string(),
  name: z.string().optional(),
  code: z.string().optional(),
  stack: z.string().optional(),
  /** Kept if it can be stored: a job must be able to fail whatever its error holds. */
  details: z.custom<JsonValue>(() => true).optional(),
});

export const failInput = batchOf(
  z.strictObject({
    ...held,
    error: jobErrorSchema,
    /** False sends the job to the dead letters at once. Default true. */
    isRetryable: z.boolean().optional(),
    /** Overrules the backoff. */
    retryAfterSeconds: z.number().min(0).max(limits.delaySecondsMax).optional(),
  }),
);
export type FailItem = z.infer<typeof failInput>['items'][number];

/** Gives jobs back unspent: the attempt does not count. */
export const releaseInput = batchOf(z.strictObject(held));
export type ReleaseItem = z.infer<typeof releaseInput>['items'][number];

export const snoozeInput = batchOf(
  z.strictObject({ ...held, delaySeconds: z.number().min(0).max(limits.delaySecondsMax) }),
);
export type SnoozeItem = z.infer<typeof snoozeInput>['items'][number];

export const reportInput = batchOf(
  z.strictObject({
    ...held,
    /** Of the reports under one lease, 1, 2, 3 and so on, so that one which is sent twice is stored once. */
    seq: z
      .int()
      .min(1)
      .max(2 ** 31 - 1)
      .optional(),
    progress: jsonValue.optional(),
    output: z
      .array(z.strictObject({ stream: z.enum(outputStreams), text: z.string() }))
      .max(limits.batchJobsMax)
      .optional(),
  }),
);
export type ReportItem = z.infer<typeof reportInput>['items'][number];

/** The answer for one item of a batch, in the order asked. */
export type ItemAnswer<Answer> =
  | ({ ok: true } & Answer)
  | { ok: false; id: string; state: JobState | null; error: ErrorBody };
export type FinishAnswer = ItemAnswer<{ id: string; state: JobState }>;
