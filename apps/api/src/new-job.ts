import { type SubmitInput, uuidV7 } from '@longshore/contract';
import type { NewJob } from '@longshore/db';
import { checkSizes, type SizeLimits } from './json-size.ts';

/**
 * A job as it goes to the database. It may have been submitted before when it brings an id, unless the caller promises that this
 * one is new. Throws TOO_LARGE; `path` is where the job stands, such as `jobs[3]`.
 */
export const toNewJob = (
  job: SubmitInput,
  path: string,
  { sizes, isFirstSend = false }: { sizes: SizeLimits; isFirstSend?: boolean | undefined },
): NewJob => ({
  ...job,
  // Chosen once: whatever is tried again for this job finds what was stored before.
  id: job.id ?? uuidV7(),
  isRepeat: job.id !== undefined && !isFirstSend,
  payloadText: checkSizes(job, path, sizes).payload,
});
