import { z } from 'zod';
import { LongshoreError } from './errors.ts';
import { type JobState, jobStates } from './job-states.ts';
import { jsonObject, jsonValue, text } from './json-value.ts';
import { limits } from './limits.ts';
import { instantOfUuidV7Ms } from './uuid-v7.ts';

/** PostgreSQL writes ids small, and answers are matched by their text. */
export const jobId = z.uuid().toLowerCase();
const name = text(limits.nameCharsMax);
const key = text(limits.keyCharsMax);
const seconds = (min: number, max: number) => z.number().min(min).max(max);

export const backoffSchema = z.strictObject({
  type: z.enum(['fixed', 'exponential']),
  baseSeconds: seconds(0, limits.delaySecondsMax),
  capSeconds: seconds(0, limits.delaySecondsMax).optional(),
  jitter: z.enum(['full', 'none']).optional(),
});
/** How long a failed job waits: `min(capSeconds, baseSeconds * 2^(attempt-1))` or `baseSeconds`, times a random part of 1 when jitter is `full`. */
export type Backoff = z.infer<typeof backoffSchema>;

/** Everything but kind and payload that a submit may say about a job. The SQL function takes the same keys, in snake_case. */
export const submitOptions = z.strictObject({
  /** Chosen by the caller (UUID version 7) so that a repeated submit finds its own job. */
  id: z
    .uuidv7()
    .toLowerCase()
    // History is searched from the instant in an id on, so an id must not claim to be from later than now.
    .refine(
      (id) => instantOfUuidV7Ms(id) < Date.now() + 3_600_000,
      'must not hold an instant more than an hour ahead',
    )
    .optional(),
  queue: name.optional(),
  /** Smaller runs first. Default 0. */
  priority: z.int().min(limits.priorityMin).max(limits.priorityMax).optional(),
  requiredCapabilities: z.array(name).max(limits.capabilitiesMax).optional(),
  /** What a worker may be limited by: it runs so many jobs of one category at a time. */
  category: name.optional(),
  maxAttempts: z.int().min(1).max(limits.attemptsMax).optional(),
  backoff: backoffSchema.optional(),
  /** Hard deadline of one attempt. */
  timeoutSeconds: seconds(0.001, limits.timeoutSecondsMax).optional(),
  delaySeconds: seconds(0, limits.delaySecondsMax).optional(),
  /** ISO 8601 instant with offset. Not together with delaySeconds. */
  runAt: z.iso.datetime({ offset: true }).optional(),
  externalId: key.optional(),
  idempotencyKey: key.optional(),
  /** How long the key holds after the job finished. Default a day. */
  idempotencyKeySeconds: seconds(1, limits.delaySecondsMax).optional(),
  metadata: jsonObject.optional(),
  tags: z.array(name).max(limits.tagsMax).optional(),
  batchId: key.optional(),
  /** Jobs that must complete first. */
  dependsOn: z.array(jobId).min(1).max(limits.dependenciesMax).optional(),
  /** A batch whose jobs must all be finished first, whatever their outcome. */
  afterBatch: key.optional(),
  /** What becomes of this job when one of dependsOn fails or is cancelled. Default `cancel`. */
  onDependencyFailure: z.enum(['cancel', 'run']).optional(),
});
export type SubmitOptions = z.infer<typeof submitOptions>;

export const submitInput = submitOptions
  .extend({ kind: name, payload: jsonValue })
  .refine((job) => job.runAt === undefined || job.delaySeconds === undefined, {
    path: ['runAt'],
    message: 'cannot be given together with delaySeconds',
  })
  .refine((job) => job.afterBatch === undefined || job.afterBatch !== job.batchId, {
    path: ['afterBatch'],
    message: "is the job's own batch",
  });
export type SubmitInput = z.infer<typeof submitInput>;

/** Two jobs with one id would be one job, and the second payload lost. Throws INVALID_INPUT for the second. */
export const requireDistinctIds = (jobs: readonly { id?: string | undefined }[]): void => {
  const seen = new Set<string>();
  jobs.forEach(({ id }, index) => {
    if (id === undefined) return;
    const field = `jobs[${index}].id`;
    if (seen.has(id))
      throw new LongshoreError('INVALID_INPUT', `${field}: is the id of another job of this call`, { field });
    seen.add(id);
  });
};

export const submitManyInput = z.strictObject({
  jobs: z.array(submitInput).min(1).max(limits.batchJobsMax),
  /** A promise that the ids in this call were never sent before, which spares a look into history for each. Default false. */
  isFirstSend: z.boolean().optional(),
});

/**
 * `isNew` is false when an id or idempotency key found the job of an earlier submit; its state is null when history has
 * already forgotten that job.
 */
export interface SubmitAnswer {
  id: string;
  state: JobState | null;
  isNew: boolean;
}

export const jobByIdInput = z.strictObject({ id: jobId });
export const jobByExternalIdInput = z.strictObject({ externalId: key });
export const batchStatusInput = z.strictObject({ batchId: key });
export const jobIdsInput = z.strictObject({ ids: z.array(jobId).min(1).max(limits.batchJobsMax) });
export const cancelInput = jobIdsInput.extend({ reason: text(1_000).optional() });
/** Which jobs to cancel: live ones that fit all that is named. */
export const cancelWhereInput = z
  .strictObject({
    queue: name.optional(),
    kind: name.optional(),
    batchId: key.optional(),
    tag: name.optional(),
    state: z.enum(['blocked', 'scheduled', 'available', 'running']).optional(),
    /** ISO 8601 instant with offset. */
    createdBefore: z.iso.datetime({ offset: true }).optional(),
    reason: text(1_000).optional(),
  })
  .refine(({ reason: _, ...filter }) => Object.values(filter).some((value) => value !== undefined), {
    path: ['queue'],
    message: 'or kind, batchId, tag, state or createdBefore must be given',
  });
export type CancelWhereInput = z.infer<typeof cancelWhereInput>;

/** How many were cancelled at once, and how many run and were asked to stop. */
export interface CancelWhereAnswer {
  cancelled: number;
  asked: number;
}

export const waitInput = z.strictObject({ id: jobId, waitSeconds: seconds(0, limits.waitSecondsMax) });
export const outputInput = z.strictObject({
  id: jobId,
  afterId: z.int().min(0).optional(),
  limit: z.int().min(1).max(limits.listMax).optional(),
});

export const listJobsInput = z.strictObject({
  state: z.enum(jobStates).optional(),
  queue: name.optional(),
  kind: name.optional(),
  batchId: key.optional(),
  tag: name.optional(),
  limit: z.int().min(1).max(limits.listMax).optional(),
  /** The `nextCursor` of the page before. */
  cursor: jobId.optional(),
});
export type ListJobsInput = z.infer<typeof listJobsInput>;
