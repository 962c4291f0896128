import { z } from 'zod';
import { queueByNameInput } from './admin-schemas.ts';
import { finalJobStates } from './job-states.ts';
import { limits } from './limits.ts';

const seconds = z.number().min(0).max(limits.delaySecondsMax);

const keptJobs = z
  .strictObject({
    /** The newest so many. */
    count: z.int().min(0).max(limits.keptJobsMax).optional(),
    /** Those that finished within so many seconds. */
    ageSeconds: seconds.optional(),
  })
  .refine(
    (kept) => kept.count !== undefined || kept.ageSeconds !== undefined,
    'must have count or ageSeconds',
  );
/** What is kept of a queue's finished jobs; given both, a job must be within both. */
export type KeptJobs = z.infer<typeof keptJobs>;

/**
 * Keeps less of a queue's history than the deployment does. What is left out stays as it is, null sets no bound. Cancelled
 * jobs count as failed. What finished within the last minute always stays.
 */
export const retainQueueInput = queueByNameInput.extend({
  completed: keptJobs.nullable().optional(),
  failed: keptJobs.nullable().optional(),
});
export type RetainQueueInput = z.infer<typeof retainQueueInput>;

/** The whole retention of a queue; null for what has no bound of its own. */
export interface QueueRetention {
  completed: KeptJobs | null;
  failed: KeptJobs | null;
}

/** Takes finished jobs out of history at once, oldest first. */
export const cleanQueueInput = queueByNameInput.extend({
  states: z.array(z.enum(finalJobStates)).min(1).max(finalJobStates.length),
  /** Only what finished longer ago than this. */
  graceSeconds: seconds,
  limit: z.int().min(1).max(limits.batchJobsMax),
  /** Where a call before left off: its `goOnFrom`. */
  from: z.iso.datetime({ offset: true }).optional(),
});
export type CleanQueueInput = z.infer<typeof cleanQueueInput>;

export interface CleanAnswer {
  ids: string[];
  /** Null when nothing is left to remove. A call reads history for two seconds or so, and removes `limit` jobs at most. */
  goOnFrom: string | null;
}

/** The jobs of one queue by state, finished ones as far as history is kept; and what is set for it. */
export interface QueueCounts {
  queue: string;
  isPaused: boolean;
  blocked: number;
  scheduled: number;
  available: number;
  running: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** The finished ones are counted from here on, where history is too large for one look; null for all of it. */
  countedSince: string | null;
  /** Worker processes that serve this queue now. */
  sessions: number;
  retention: QueueRetention;
}
