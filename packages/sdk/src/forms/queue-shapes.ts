import type { Job, JobState } from '@longshore/contract';

/** The six states of a queue's job. */
export type QueueJobState = 'waiting' | 'active' | 'completed' | 'failed' | 'delayed' | 'unknown';

/** Ours in theirs: what cannot start yet is delayed, what will never complete has failed. */
export const queueJobStates = {
  available: 'waiting',
  running: 'active',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  scheduled: 'delayed',
  blocked: 'delayed',
} as const satisfies Record<JobState, QueueJobState>;

/** How many jobs of a queue are in each state now, with any priority or none. Finished ones while history keeps them. */
export interface QueueMetrics {
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  delayed: number;
  /** What is still to be done and not under way: waiting and delayed. */
  depth: number;
  /** Worker processes that serve the queue now. */
  workerCount: number;
}

/** A job as a queue's user sees it. Times are milliseconds since 1970. */
export interface QueueJob {
  id: string;
  name: string;
  data: unknown;
  state: QueueJobState;
  /** Tries begun that count. */
  attemptsMade: number;
  priority: number;
  timestamp: number;
  processedOn?: number;
  finishedOn?: number;
  progress: unknown;
  /** Of a completed job; null else. */
  returnvalue: unknown;
  /** Of a failed or cancelled job. */
  failedReason?: string;
}

/** A stored job in this form. */
export const toQueueJob = (job: Job): QueueJob => ({
  id: job.id,
  name: job.kind,
  data: job.payload,
  state: queueJobStates[job.state],
  attemptsMade: job.attempt,
  priority: job.priority,
  timestamp: Date.parse(job.createdAt),
  ...('startedAt' in job && { processedOn: Date.parse(job.startedAt) }),
  ...('finishedAt' in job && { finishedOn: Date.parse(job.finishedAt) }),
  progress: job.state === 'running' ? job.progress : null,
  returnvalue: job.state === 'completed' ? job.result : null,
  ...failedReasonOf(job),
});

const failedReasonOf = (job: Job): { failedReason?: string } => {
  if (job.state === 'failed') return { failedReason: job.error.message };
  if (job.state === 'cancelled')
    return { failedReason: job.reason ? `cancelled: ${job.reason}` : 'cancelled' };
  return {};
};
