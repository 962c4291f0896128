import type { Backoff } from './job-schemas.ts';
import type { FinalJobState, JobState } from './job-states.ts';
import type { JsonValue } from './json-value.ts';

/** An error as a job keeps it. Text longer than the limit is cut, never refused: a job must always be able to fail. */
export interface JobError {
  message: string;
  name?: string;
  code?: string;
  stack?: string;
  details?: JsonValue;
}

/** One attempt that ended without completing the job. */
export interface AttemptRecord {
  attempt: number;
  outcome: 'failed' | 'rescued' | 'timed_out' | 'released' | 'snoozed' | 'cancelled' | 'retried';
  startedAt: string | null;
  endedAt: string;
  sessionId: string | null;
  error?: JobError;
}

interface JobBase<Payload> {
  id: string;
  kind: string;
  queue: string;
  priority: number;
  requiredCapabilities: string[];
  category: string | null;
  payload: Payload;
  /** Attempts begun that count; rescued, released and snoozed ones do not. */
  attempt: number;
  maxAttempts: number;
  rescues: number;
  backoff: Backoff | null;
  timeoutSeconds: number | null;
  externalId: string | null;
  idempotencyKey: string | null;
  metadata: { [key: string]: JsonValue } | null;
  tags: string[];
  batchId: string | null;
  /** ISO 8601 instants by the database's clock. */
  runAt: string;
  createdAt: string;
  attempts: AttemptRecord[];
}

/** A job. What it has depends on its state, so a result can only be read from a completed one. */
export type Job<Payload = JsonValue, Result = JsonValue, Progress = JsonValue> = JobBase<Payload> &
  (
    | { state: 'blocked' | 'scheduled' | 'available' }
    | {
        state: 'running';
        startedAt: string;
        worker: { id: string; name: string; sessionId: string } | null;
        progress: Progress | null;
        fencingToken: number;
        isCancelRequested: boolean;
        /** When somebody asked to cancel it, and who: the id of a key, or a name. */
        cancelRequestedAt: string | null;
        cancelledBy: string | null;
      }
    | { state: 'completed'; startedAt: string; finishedAt: string; result: Result }
    | {
        state: 'cancelled';
        finishedAt: string;
        /** When it was asked for: before `finishedAt` when the job ran. Null for one that a failed parent took along. */
        cancelRequestedAt: string | null;
        cancelledBy: string | null;
        reason: string | null;
      }
    | { state: 'failed'; finishedAt: string; error: JobError }
  );

export interface JobPage {
  jobs: Job[];
  nextCursor: string | null;
}

/** How many jobs of a batch are in each state; `isDone` when none is live. */
export interface BatchStatus {
  batchId: string;
  total: number;
  byState: Record<JobState, number>;
  isDone: boolean;
}

export interface QueueStats {
  queue: string;
  isPaused: boolean;
  blocked: number;
  scheduled: number;
  available: number;
  running: number;
  /** Age of the longest waiting available job, in seconds; null when none waits. */
  oldestAvailableSeconds: number | null;
}

export interface OrgStats {
  queues: QueueStats[];
  /** Finished in the last hour, by final state. */
  lastHour: Record<FinalJobState, number>;
  sessions: number;
}

/** `data` is what a handler wrote as it was, of any length and without a line break of its own; the others are lines. */
export const outputStreams = ['log', 'stdout', 'stderr', 'data'] as const;
export type OutputStream = (typeof outputStreams)[number];

export interface OutputLine {
  /** Its place in the output of its job: 1, 2, 3 and so on over all attempts. */
  id: number;
  attempt: number;
  stream: OutputStream;
  text: string;
  at: string;
}

/** Lines of output as the text that a console would show. A line begins a line of its own, whatever was written before it. */
export const textOfOutput = (lines: readonly Pick<OutputLine, 'stream' | 'text'>[]): string => {
  const parts: string[] = [];
  let isLineOpen = false;
  for (const { stream, text } of lines) {
    if (stream === 'data') {
      parts.push(text);
      if (text !== '') isLineOpen = !text.endsWith('\n');
    } else {
      parts.push(isLineOpen ? '\n' : '', text, '\n');
      isLineOpen = false;
    }
  }
  return parts.join('');
};
