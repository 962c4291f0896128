import type { Attributes, JsonValue, MessageError, SessionState } from '@longshore/contract';
import type { Generated } from 'kysely';
import type { Instant, JsonColumn } from './column-types.ts';

export interface WorkerSessions {
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
  attributes: JsonColumn<{ [capability: string]: Attributes }>;
  category_limits: JsonColumn<Record<string, number>>;
  concurrency: number;
  lease_seconds: number;
  host: string | null;
  pid: number | null;
  version: string | null;
  sdk_version: string | null;
  is_draining: Generated<boolean>;
  started_at: Instant;
  heartbeat_at: Instant;
  ended_at: Instant | null;
  end_reason: string | null;
  has_jobs_left: Generated<boolean>;
  held_at_end: string[] | null;
}

export interface WorkerHealth {
  org_id: number;
  session_id: string;
  worker_id: string;
  worker_name: string;
  state: SessionState;
  running_jobs: number;
  running_job_ids: string[];
  running_by_category: Record<string, number>;
  concurrency: number;
  category_limits: Record<string, number>;
  kinds: string[];
  capabilities: string[];
  attributes: { [capability: string]: Attributes };
  queues: string[] | null;
  host: string | null;
  pid: number | null;
  version: string | null;
  sdk_version: string | null;
  connected_at: Date;
  last_heartbeat_at: Date;
  disconnected_at: Date | null;
  disconnect_reason: string | null;
}

export interface WorkerMessages {
  org_id: number;
  id: string;
  session_id: string;
  worker_id: string;
  direction: 'to_worker' | 'to_server';
  type: string;
  body: JsonValue;
  created_at: Instant;
  created_by: string | null;
  expires_at: Instant;
  acknowledged_at: Instant | null;
  reply: JsonValue;
  error: MessageError | null;
}

export interface SessionClaims {
  org_id: number;
  session_id: string;
  deadline_at: Instant | null;
  job_ids: string[];
}
