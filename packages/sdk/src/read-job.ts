import { type Job, LongshoreError } from '@longshore/contract';
import type { JobDefinition, JobTypes } from './define-job.ts';
import { readWith } from './standard-schema.ts';

/** A job as its definition reads it. */
export type TypedJob<Types extends JobTypes> = Job<Types['payload'], Types['result'], Types['progress']>;

/**
 * Reads a stored job by its definition's schemas, so that the types it is given are true.
 * Rejects with INVALID_INPUT when the job is of another kind or was stored by other schemas.
 */
export const readJob = async <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  job: Job,
): Promise<TypedJob<Types>> => {
  requireKind(definition, job);
  const payload = await readWith(definition.payload, job.payload, 'payload');
  switch (job.state) {
    case 'completed':
      return { ...job, payload, result: await readResult(definition, job.result) };
    case 'running':
      return { ...job, payload, progress: await readProgress(definition, job.progress) };
    default:
      return { ...job, payload };
  }
};

/** The result of a completed job as its definition reads it. */
export const readResult = async <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  result: unknown,
): Promise<Types['result']> => (definition.result ? readWith(definition.result, result, 'result') : result);

/** Rejects a job that the definition is not about. */
export const requireKind = (definition: JobDefinition, job: Pick<Job, 'kind'>): void => {
  if (job.kind === definition.kind) return;
  throw new LongshoreError('INVALID_INPUT', `The job is a ${job.kind}, not a ${definition.kind}.`, {
    field: 'kind',
    hint: 'Read it with the definition of its own kind, or without one.',
  });
};

/** The progress of a running job as its definition reads it. */
export const readProgress = async <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  progress: unknown,
): Promise<Types['progress'] | null> =>
  progress === null || !definition.progress ? progress : readWith(definition.progress, progress, 'progress');
