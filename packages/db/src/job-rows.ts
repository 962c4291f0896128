import type { AttemptRecord, Backoff, Job } from '@longshore/contract';
import type { Selectable } from 'kysely';
import type { JobView, StoredAttempt, StoredBackoff } from './schema-jobs.ts';

export type JobRow = Selectable<JobView>;

/** The worker behind a session. */
export interface SessionWorker {
  session_id: string;
  worker_id: string;
  worker_name: string;
}

/** The job that a row tells of; which fields it has depends on its state. `worker` is whoever runs it. */
export const toJob = (row: JobRow, worker?: SessionWorker): Job => {
  const base = {
    id: row.id,
    kind: row.kind,
    queue: row.queue,
    priority: row.priority,
    requiredCapabilities: row.required_capabilities,
    category: row.category,
    payload: row.payload,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    rescues: row.rescues,
    backoff: row.backoff && toBackoff(row.backoff),
    timeoutSeconds: row.timeout_seconds,
    externalId: row.external_id,
    idempotencyKey: row.idempotency_key,
    metadata: row.metadata,
    tags: row.tags ?? [],
    batchId: row.batch_id,
    runAt: row.run_at.toISOString(),
    createdAt: row.created_at.toISOString(),
    attempts: (row.attempts ?? []).map(toAttemptRecord),
  };
  const startedAt = row.started_at?.toISOString() ?? '';
  const finishedAt = row.finished_at?.toISOString() ?? '';
  switch (row.state) {
    case 'running':
      return {
        ...base,
        state: row.state,
        startedAt,
        worker: worker
          ? { id: worker.worker_id, name: worker.worker_name, sessionId: worker.session_id }
          : null,
        progress: row.progress,
        fencingToken: row.epoch,
        isCancelRequested: row.cancel_requested_at !== null,
        cancelRequestedAt: row.cancel_requested_at?.toISOString() ?? null,
        cancelledBy: row.cancelled_by,
      };
    case 'completed':
      return { ...base, state: row.state, startedAt, finishedAt, result: row.result };
    case 'cancelled':
      return {
        ...base,
        state: row.state,
        finishedAt,
        cancelRequestedAt: row.cancel_requested_at?.toISOString() ?? null,
        cancelledBy: row.cancelled_by,
        reason: row.cancel_reason,
      };
    case 'failed':
      return { ...base, state: row.state, finishedAt, error: row.error ?? { message: 'unknown' } };
    default:
      return { ...base, state: row.state };
  }
};

const toBackoff = (stored: StoredBackoff): Backoff => ({
  type: stored.type,
  baseSeconds: stored.base_seconds,
  ...(stored.cap_seconds !== undefined && { capSeconds: stored.cap_seconds }),
  ...(stored.jitter !== undefined && { jitter: stored.jitter }),
});

const toAttemptRecord = (stored: StoredAttempt): AttemptRecord => ({
  attempt: stored.attempt,
  outcome: stored.outcome,
  startedAt: stored.started_at ?? null,
  endedAt: stored.ended_at,
  sessionId: stored.session_id ?? null,
  ...(stored.error && { error: stored.error }),
});
