import type { SubmitAnswer } from '@longshore/contract';
import type { JobDefinition, JobTypes } from './define-job.ts';
import type { WaitOptions } from './wait-for-job.ts';

/** A submitted job, as it was when it was stored. */
export interface JobHandle<Types extends JobTypes = JobTypes> extends SubmitAnswer {
  readonly job: JobDefinition<Types>;
  /** The result. Rejects with JOB_FAILED, JOB_CANCELLED or TIMEOUT. */
  wait(options?: WaitOptions): Promise<Types['result']>;
}
