import { defaults, type ItemAnswer, type JobState, type SubmitAnswer, uuidV7 } from '@longshore/contract';
import { refuse } from './lease-answers.ts';
import type { NewJob } from './lifecycle-types.ts';

/** A job of a submit in the form of the SQL type submit_item, with every default filled in. */
export const toSubmitItem = (job: NewJob, routeId: number) => ({
  id: job.id ?? uuidV7(),
  route_id: routeId,
  payload: job.payload,
  is_repeat: (job.isRepeat ?? job.id !== undefined) || undefined,
  max_attempts: job.maxAttempts ?? defaults.maxAttempts,
  run_at: job.runAt,
  delay_seconds: job.delaySeconds,
  timeout_seconds: job.timeoutSeconds,
  backoff: job.backoff && {
    type: job.backoff.type,
    base_seconds: job.backoff.baseSeconds,
    cap_seconds: job.backoff.capSeconds,
    jitter: job.backoff.jitter,
  },
  external_id: job.externalId,
  idempotency_key: job.idempotencyKey,
  idempotency_key_seconds: job.idempotencyKeySeconds,
  batch_id: job.batchId,
  metadata: job.metadata,
  tags: job.tags?.length ? job.tags : undefined,
  depends_on: job.dependsOn,
  after_batch: job.afterBatch,
  on_dependency_failure: job.onDependencyFailure,
});

export type SubmitItem = ReturnType<typeof toSubmitItem>;

/** True for a job that insert_new_jobs can submit: nothing to look up, and nothing but where it waits and what it carries. */
export const isPlain = (job: NewJob): boolean => {
  if (job.isRepeat ?? job.id !== undefined) return false;
  for (const option in job)
    if (!plainOptions.has(option) && isGiven(job, option as keyof NewJob)) return false;
  return true;
};

const isGiven = (job: NewJob, option: keyof NewJob): boolean =>
  job[option] !== undefined && !(option === 'tags' && job.tags?.length === 0);

const plainOptions = new Set<string>([
  'id',
  'isRepeat',
  'kind',
  'queue',
  'priority',
  'category',
  'requiredCapabilities',
  'payload',
  'payloadText',
  'maxAttempts',
] satisfies (keyof NewJob)[]);

/** A row of submit_jobs. */
export interface SubmitRow {
  item_id: string;
  job_id: string | null;
  state: JobState | null;
  is_new: boolean;
  error_code: 'INVALID_INPUT' | 'IDEMPOTENCY_CONFLICT' | null;
}

/** The answers in the order of the items. */
export const toSubmitAnswers = (items: SubmitItem[], rows: SubmitRow[]): ItemAnswer<SubmitAnswer>[] => {
  const byItem = new Map(rows.map((row) => [row.item_id, row]));
  return items.map((item) => toSubmitAnswer(item.id, byItem.get(item.id)!));
};

const toSubmitAnswer = (itemId: string, row: SubmitRow): ItemAnswer<SubmitAnswer> => {
  switch (row.error_code) {
    case 'IDEMPOTENCY_CONFLICT':
      return refuse(
        itemId,
        null,
        row.error_code,
        'this idempotency key was used before with another input',
        'Send the first input again, or choose another key.',
      );
    case 'INVALID_INPUT':
      return refuse(
        itemId,
        null,
        row.error_code,
        'dependsOn or afterBatch names what does not exist, or comes later',
        'Submit the parents first; in one call, before their children.',
      );
    case null:
      return { ok: true, id: row.job_id!, state: row.state, isNew: row.is_new };
  }
};
