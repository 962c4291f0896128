import type { AttemptRecord, Job } from '@longshore/contract';
import { renderFields } from './render-table.ts';

/** A job for people: what it is, where it stands, and each attempt that ended without completing it. */
export const renderJob = (job: Job): string => {
  const trail = job.attempts.map(renderAttempt);
  return [renderFields({ ...identityOf(job), ...positionOf(job) }), ...trail].join('\n');
};

const identityOf = (job: Job) => ({
  id: job.id,
  kind: job.kind,
  queue: job.queue,
  state: job.state,
  attempt: `${job.attempt} of ${job.maxAttempts}`,
  ...(job.rescues > 0 && { rescues: job.rescues }),
  ...(job.requiredCapabilities.length > 0 && { requires: job.requiredCapabilities.join(', ') }),
  ...(job.tags.length > 0 && { tags: job.tags.join(', ') }),
  batch: job.batchId,
  'external id': job.externalId,
  created: job.createdAt,
  'run at': job.runAt,
  payload: JSON.stringify(job.payload),
});

const positionOf = (job: Job): Record<string, unknown> => {
  switch (job.state) {
    case 'running':
      return { started: job.startedAt, worker: job.worker?.name, progress: job.progress };
    case 'completed':
      return { started: job.startedAt, finished: job.finishedAt, result: JSON.stringify(job.result) };
    case 'cancelled':
      return { finished: job.finishedAt, 'cancelled by': job.cancelledBy, reason: job.reason };
    case 'failed':
      return { finished: job.finishedAt, error: job.error.message };
    default:
      return {};
  }
};

const renderAttempt = ({ attempt, outcome, endedAt, error }: AttemptRecord): string =>
  [`  attempt ${attempt}`, outcome, endedAt, error?.message].filter(Boolean).join('  ');
