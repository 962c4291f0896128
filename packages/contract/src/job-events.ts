import type { JsonValue } from './json-value.ts';

/** What can happen to a job, as the view `longshore.job_events` and `jobs.events` tell it. */
export const jobEventNames = [
  'created',
  'claimed',
  'progress',
  'heartbeat_lost',
  'completed',
  'failed',
  'timed_out',
  'retried',
  'snoozed',
  'released',
  'cancel_requested',
  'cancelled',
  'dead_lettered',
  'redriven',
] as const;
export type JobEventName = (typeof jobEventNames)[number];

/** One step of a job's trail. */
export interface JobEvent {
  at: string;
  event: JobEventName;
  /** The attempt it belongs to; null for what was done to the job as a whole. */
  attempt: number | null;
  /** `key NAME`, `worker NAME`, `sql:LOGIN`, or `longshore` for what the system does by itself. */
  actor: string | null;
  workerId: string | null;
  workerName: string | null;
  sessionId: string | null;
  /** Such as `{ error }`, `{ reason }`, `{ run_at }` and `{ key_id }`. */
  detail: { [key: string]: JsonValue } | null;
}
