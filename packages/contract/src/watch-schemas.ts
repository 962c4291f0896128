import { z } from 'zod';
import type { Job, OutputLine } from './job.ts';
import { batchStatusInput, jobId } from './job-schemas.ts';
import type { FinalJobState } from './job-states.ts';
import { type JsonValue, text } from './json-value.ts';
import { limits } from './limits.ts';

/** The id of the last event that arrived; the stream goes on behind it. Left out, it begins with how things stand. */
const lastEventId = text(limits.nameCharsMax).optional();

export const watchJobInput = z.strictObject({ id: jobId, lastEventId });
export const watchBatchInput = batchStatusInput.extend({ lastEventId });
export const watchQueueInput = z.strictObject({ queue: text(limits.nameCharsMax), lastEventId });

/** Named apart from `ids`, whose items are counted one by one: a wait for many jobs is one call. */
export const waitManyInput = z.strictObject({
  jobIds: z.array(jobId).min(1).max(limits.batchJobsMax),
  waitSeconds: z.number().min(0).max(limits.waitSecondsMax),
});

/** `jobs` are final; those that are not, or did not fit into the answer, are left for the next call. */
export interface WaitManyAnswer {
  jobs: Job[];
  /** Ids of which there is no job. */
  missing: string[];
}

type WithoutPayload<Any> = Any extends unknown ? Omit<Any, 'payload'> : never;

/** A job as its watchers see it: while it is live without its payload, which may be large; then whole. */
export type WatchedJob<Payload = JsonValue, Result = JsonValue, Progress = JsonValue> =
  | WithoutPayload<Exclude<Job<Payload, Result, Progress>, { state: FinalJobState }>>
  | Extract<Job<Payload, Result, Progress>, { state: FinalJobState }>;

/**
 * What `jobs.watch` tells. States may be passed over and of progress the newest value counts, but output comes whole and in order.
 * All output comes before the final state, with which the stream ends.
 */
export type JobWatchEvent<Payload = JsonValue, Result = JsonValue, Progress = JsonValue> =
  | { type: 'state'; job: WatchedJob<Payload, Result, Progress> }
  | { type: 'progress'; progress: Progress; at: string }
  | { type: 'output'; lines: OutputLine[] };
