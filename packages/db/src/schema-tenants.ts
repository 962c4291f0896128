import type { JsonValue, Role } from '@longshore/contract';
import type { Generated } from 'kysely';
import type { GivenInstant, Instant, JsonColumn, NullableInstant } from './column-types.ts';

export interface Orgs {
  id: Generated<number>;
  slug: string;
  created_at: GivenInstant;
}

export interface Workers {
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

export interface ApiKeys {
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

export interface OrgLogins {
  org_id: number;
  login: string;
  created_at: GivenInstant;
}

export interface AuditLog {
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

export interface AuditHeads {
  org_id: number;
  seq: string;
  hash: Buffer;
}
