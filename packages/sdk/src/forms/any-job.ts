import { defineJob, type JobDefinition, type JobTypes } from '../define-job.ts';
import type { StandardSchemaV1 } from '../standard-schema.ts';

/** Takes whatever it is given; what is no JSON is refused on its way to the wire. */
const anything: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'longshore', validate: (value) => ({ value }) },
};

/** A definition for a kind of which only the name is known. */
export const anyJob = (kind: string): JobDefinition<JobTypes> =>
  defineJob({ kind, payload: anything, result: anything, progress: anything });
