import type { SubmitInput } from '@longshore/contract';
import type { NewJob } from '@longshore/db';

/** Says which jobs may have been submitted before: those that bring an id, unless the caller promises that it is new. */
export const markRepeats = (jobs: SubmitInput[], isFirstSend = false): NewJob[] =>
  jobs.map((job) => ({ ...job, isRepeat: job.id !== undefined && !isFirstSend }));
