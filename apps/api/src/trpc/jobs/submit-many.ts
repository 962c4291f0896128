import { isPlainSubmit, requireDistinctIds, submitInput, submitManyInput } from '@longshore/contract';
import { toNewJob } from '../../new-job.ts';
import { acceptAll, listOf } from '../each-item.ts';
import { submitProcedure } from '../procedures.ts';
import { syncInput } from '../sync-input.ts';

/** Submits many jobs, all or none. */
export const submitMany = submitProcedure
  .input(syncInput(submitManyInput.extend({ jobs: listOf(submitInput) })))
  .mutation(async ({ ctx, input: { jobs, isFirstSend } }) => {
    const accepted = acceptAll(jobs, {
      list: 'jobs',
      schema: submitInput,
      isPlain: isPlainSubmit,
      accept: (job, path) => toNewJob(job, path, { sizes: ctx.parts.sizes, isFirstSend }),
    });
    requireDistinctIds(accepted);
    return { jobs: await ctx.parts.verbs.submitMany(ctx.principal, accepted) };
  });
