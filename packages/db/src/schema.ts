import type { AttemptRecord, JobError, JobEventName, JobState, JsonValue, Role } from '@longshore/contract';
import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string, Date | string>;
type GivenInstant = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** Written as text; left out on insert it is an empty object. */
type JsonColumn<Value> = ColumnType<Value, string | undefined, string>;

interface Orgs {
  id: Generated<number>;
  slug: string;
  created_at: GivenInstant;
}

interface Workers {
  org_id: number;
  id: string;
  name: string;
  allowed_capabilities: string[] | null;
  denied_capabilities: Generated<string[]>;
  allowed_kinds: string[] | null;
  priority_min: Generated<number>;
  priority_max: Generated<number>;
  max_concurrent_jobs: number | null;
  category_limits: JsonColumn<Record<string, number>>;
  claims_per_minute: number | null;
  metadata: JsonColumn<{ [key: string]: JsonValue }>;
  expires_at: NullableInstant;
  created_at: GivenInstant;
  revoked_at: NullableInstant;
}

interface ApiKeys {
  org_id: number;
  id: string;
  role: Role;
  name: string;
  hash: Buffer;
  start: string;
  last4: string | null;
  worker_id: string | null;
  rate_limits: JsonColumn<Record<string, number>>;
  metadata: JsonColumn<{ [key: string]: JsonValue }>;
  expires_at: NullableInstant;
  rotated_from: string | null;
  last_used_at: NullableInstant;
  created_at: GivenInstant;
  revoked_at: NullableInstant;
}

interface OrgLogins {
  org_id: number;
  login: string;
  created_at: GivenInstant;
}

interface AuditLog {
  org_id: number;
  seq: string;
  at: Instant;
  actor_key_id: string | null;
  actor_role: Role | 'database';
  actor_name: string;
  action: string;
  target: string;
  before: JsonValue | null;
  after: JsonValue | null;
  request_id: string | null;
  address: string | null;
  previous_hash: Buffer;
  hash: Buffer;
}

interface WorkerSessions {
  org_id: number;
  id: string;
  worker_id: string;
  kinds: string[];
  capabilities: string[];
  queues: string[] | null;
  priority_min: Generated<number>;
  priority_max: Generated<number>;
  is_limited: Generated<boolean>;
  announced: JsonColumn<{ kinds?: string[]; capabilities?: string[] }>;
  concurrency: number;
  lease_seconds: number;
  host: string | null;
  pid: number | null;
  version: string | null;
  started_at: Instant;
  heartbeat_at: Instant;
  ended_at: Instant | null;
  end_reason: string | null;
  has_jobs_left: Generated<boolean>;
}

interface SessionClaims {
  org_id: number;
  session_id: string;
  deadline_at: Instant | null;
  job_ids: string[];
}

interface Routes {
  org_id: number;
  id: number;
  queue: string;
  kind: string;
  priority: number;
  required_capabilities: string[];
  category: string | null;
}

interface Queues {
  org_id: number;
  name: string;
  paused_at: Instant | null;
}

interface Jobs {
  org_id: number;
  id: string;
  route_id: number;
  state: JobState;
  run_at: Instant;
  batch_id: string | null;
  cancel_requested_at: Instant | null;
}

interface FinishedJobs {
  org_id: number;
  id: string;
  state: JobState;
  finished_at: Instant;
}

interface JobDependencies {
  org_id: number;
  job_id: string;
  batch_id: string | null;
  outcome: JobState | null;
}

interface JobOutput {
  org_id: number;
  job_id: string;
  id: string;
  at: Instant;
  attempt: number;
  stream: 'log' | 'stdout' | 'stderr';
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
}

interface JobEvents {
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

interface AuditHeads {
  org_id: number;
  seq: string;
  hash: Buffer;
}

/** The tables and views that kysely reads; see migrations/ for what the columns mean. */
export interface Schema {
  'longshore.orgs': Orgs;
  'longshore.workers': Workers;
  'longshore.api_keys': ApiKeys;
  'longshore.org_logins': OrgLogins;
  'longshore.audit_log': AuditLog;
  'longshore.audit_heads': AuditHeads;
  'longshore.worker_sessions': WorkerSessions;
  'longshore.session_claims': SessionClaims;
  'longshore.routes': Routes;
  'longshore.queues': Queues;
  'longshore.jobs': Jobs;
  'longshore.finished_jobs': FinishedJobs;
  'longshore.job_dependencies': JobDependencies;
  'longshore.job_output': JobOutput;
  'longshore.live_jobs': JobView;
  'longshore.job_history': JobView;
  'longshore.all_jobs': JobView;
  'longshore.job_events': JobEvents;
}
