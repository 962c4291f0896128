import { z } from 'zod';
import type { Attributes } from './capabilities.ts';
import { categoryLimits } from './category-limits.ts';
import { type JsonValue, jsonObject, storedBytesOf, text } from './json-value.ts';
import { limits } from './limits.ts';

const name = text(limits.nameCharsMax);
const count = z.int().min(0).max(limits.heldJobsMax);
const priority = z.int().min(limits.priorityMin).max(limits.priorityMax);

/**
 * What the server lets a worker do, whatever the worker says of itself. In `workers.register` a field that is left out
 * (or null) sets no limit; in `workers.update` one that is left out stays as it is, and null lifts the limit.
 */
export const workerPolicy = z.strictObject({
  /** What the worker may ever claim to have; null for anything. */
  allowedCapabilities: z.array(name).max(limits.capabilitiesMax).nullable().optional(),
  /** Never its, whatever is allowed. */
  deniedCapabilities: z.array(name).max(limits.capabilitiesMax).optional(),
  /** Kinds of jobs it may run; null for any. */
  allowedKinds: z.array(name).max(1_000).nullable().optional(),
  /** It gets jobs of these priorities only, both ends included. */
  priorityMin: priority.optional(),
  priorityMax: priority.optional(),
  /** Jobs it may run at a time, all its processes together; null for any number. */
  maxConcurrentJobs: count.nullable().optional(),
  /** The same by the category of the jobs: `{ llm: 2 }`. A category that is not named is not limited. */
  categoryLimits: categoryLimits.optional(),
  /** Jobs it may take a minute, with a minute's worth at once; null for any number. */
  claimsPerMinute: z.int().min(1).max(1_000_000).nullable().optional(),
  /** From now on; then it gets no more jobs. null for never. */
  expiresInSeconds: z.number().min(1).max(limits.delaySecondsMax).nullable().optional(),
  /** For people and dashboards; the server only keeps it. */
  metadata: jsonObject
    .refine(
      (metadata) => storedBytesOf(metadata) <= limits.metadataBytesMax,
      `must be at most ${limits.metadataBytesMax} bytes of JSON, with its numbers written out`,
    )
    .optional(),
});
export type WorkerPolicyInput = z.infer<typeof workerPolicy>;

export const registerWorkerInput = workerPolicy.extend({ name });
export type RegisterWorkerInput = z.infer<typeof registerWorkerInput>;
export const workerByIdInput = z.strictObject({ id: z.uuid().toLowerCase() });
export const updateWorkerInput = workerPolicy.extend(workerByIdInput.shape);
export type UpdateWorkerInput = z.infer<typeof updateWorkerInput>;

/** A policy as it stands; null is no limit. */
export interface WorkerPolicy {
  allowedCapabilities: string[] | null;
  deniedCapabilities: string[];
  allowedKinds: string[] | null;
  priorityMin: number;
  priorityMax: number;
  maxConcurrentJobs: number | null;
  categoryLimits: { [category: string]: number };
  claimsPerMinute: number | null;
}

/** The first that is true: `revoked`, `expired`, `stale` (not heard of for five minutes, or never), `active`. */
export const workerStatuses = ['active', 'stale', 'expired', 'revoked'] as const;
export type WorkerStatus = (typeof workerStatuses)[number];

export interface Worker {
  id: string;
  name: string;
  status: WorkerStatus;
  policy: WorkerPolicy;
  metadata: { [key: string]: JsonValue };
  runningJobs: number;
  createdAt: string;
  lastSeenAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  /** The processes that are connected now, oldest first. */
  sessions: SessionInfo[];
}

/**
 * How a worker process is, the first that is true: `offline` (its session has ended, or its lease is over), `unhealthy` (silent for
 * more than two heartbeats), `draining` (finishes what it has), `busy` (runs all it can), `available`.
 */
export const sessionStates = ['available', 'busy', 'draining', 'unhealthy', 'offline'] as const;
export type SessionState = (typeof sessionStates)[number];

/** A worker process. */
export interface ConnectedWorker {
  sessionId: string;
  workerId: string;
  workerName: string;
  /** With capabilities and queues: what it may be given. */
  kinds: string[];
  capabilities: string[];
  /** What its capabilities are like, by name. */
  attributes: { [capability: string]: Attributes };
  /** Null for every queue. */
  queues: string[] | null;
  concurrency: number;
  /** Of its jobs at most so many by category, as the process declared; the policy of its worker holds beside it. */
  categoryLimits: { [category: string]: number };
  host: string | null;
  pid: number | null;
  version: string | null;
  sdkVersion: string | null;
  connectedAt: string;
}

/** A worker process with what it does now. */
export interface SessionInfo extends ConnectedWorker {
  state: SessionState;
  runningJobs: number;
  /** The first hundred of them. */
  runningJobIds: string[];
  runningByCategory: { [category: string]: number };
  lastHeartbeatAt: string;
}

/** What `workers.watch` tells: everything once, then what changed. A heartbeat alone is no change. */
export type WorkersEvent =
  | { type: 'all'; sessions: SessionInfo[] }
  /** `sessions` are new, or other than they were told; `goneIds` are no longer connected. */
  | { type: 'changes'; sessions: SessionInfo[]; goneIds: string[] };

/** What a job would ask of the process that is picked. */
export const pickWorkerInput = z.strictObject({
  capability: name.optional(),
  kind: name.optional(),
  category: name.optional(),
});
export type PickWorkerInput = z.infer<typeof pickWorkerInput>;

/** `apiKey` is shown this once and stored nowhere. */
export interface RegisteredWorker {
  id: string;
  name: string;
  apiKey: string;
}
