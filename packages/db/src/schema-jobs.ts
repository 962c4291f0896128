import type {
  AttemptRecord,
  JobError,
  JobEventName,
  JobState,
  JsonValue,
  OutputStream,
} from '@longshore/contract';
import type { Instant, NullableInstant } from './column-types.ts';

export interface Routes {
  org_id: number;
  id: number;
  queue: string;
  kind: string;
  priority: number;
  required_capabilities: string[];
  category: string | null;
}

export interface Queues {
  org_id: number;
  name: string;
  paused_at: Instant | null;
}

export interface QueueRetention {
  org_id: number;
  queue: string;
  outcome: 'completed' | 'failed';
  keep_count: number | null;
  keep_seconds: number | null;
  swept_to: NullableInstant;
  due_at: Instant;
}

export interface Jobs {
  org_id: number;
  id: string;
  route_id: number;
  state: JobState;
  run_at: Instant;
  batch_id: string | null;
  session_id: string | null;
  lease_token: string | null;
  cancel_requested_at: Instant | null;
}

export interface FinishedJobs {
  org_id: number;
  id: string;
  state: JobState;
  session_id: string | null;
  finished_at: Instant;
}

export interface JobDependencies {
  org_id: number;
  job_id: string;
  batch_id: string | null;
  outcome: JobState | null;
}

export interface JobOutput {
  org_id: number;
  job_id: string;
  id: number;
  at: Instant;
  attempt: number;
  stream: OutputStream;
  line: string;
}

/** An attempt as the SQL functions write it into `attempts`. */
export interface StoredAttempt {
  attempt: number;
  outcome: AttemptRecord['outcome'];
  started_at?: string;
  ended_at: string;
  session_id?: string;
  error?: JobError;
}

/** A backoff as the SQL functions read it. */
export interface StoredBackoff {
  type: 'fixed' | 'exponential';
  base_seconds: number;
  cap_seconds?: number;
  jitter?: 'full' | 'none';
}

/** The columns of live_jobs, job_history and all_jobs alike. */
export interface JobView {
  org_id: number;
  id: string;
  kind: string;
  queue: string;
  priority: number;
  required_capabilities: string[];
  category: string | null;
  state: JobState;
  epoch: number;
  attempt: number;
  max_attempts: number;
  rescues: number;
  run_at: Instant;
  created_at: Instant;
  started_at: Instant | null;
  finished_at: Instant | null;
  session_id: string | null;
  timeout_seconds: number | null;
  payload: JsonValue;
  progress: JsonValue | null;
  result: JsonValue | null;
  error: JobError | null;
  backoff: StoredBackoff | null;
  external_id: string | null;
  idempotency_key: string | null;
  batch_id: string | null;
  metadata: { [key: string]: JsonValue } | null;
  tags: string[] | null;
  created_by: string | null;
  cancel_requested_at: Instant | null;
  cancelled_by: string | null;
  cancel_reason: string | null;
  attempts: StoredAttempt[] | null;
  progress_at: Instant | null;
  output_lines: number | null;
}

export interface JobEvents {
  org_id: number;
  job_id: string;
  at: Instant;
  event: JobEventName;
  attempt: number | null;
  actor: string | null;
  worker_id: string | null;
  worker_name: string | null;
  session_id: string | null;
  detail: { [key: string]: JsonValue } | null;
  finished_at: Instant | null;
  place: string;
}
