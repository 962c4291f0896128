import { submitManyInput } from '@longshore/contract';
import { checkSizes } from '../../json-size.ts';
import { markRepeats } from '../../mark-repeats.ts';
import { submitProcedure } from '../procedures.ts';
import { syncInput } from '../sync-input.ts';

/** Submits many jobs, all or none. */
export const submitMany = submitProcedure
  .input(syncInput(submitManyInput))
  .mutation(async ({ ctx, input }) => {
    input.jobs.forEach((job, index) => {
      checkSizes(job, `jobs[${index}]`, ctx.parts.sizes);
    });
    const jobs = markRepeats(input.jobs, input.isFirstSend);
    return { jobs: await ctx.parts.verbs.submitMany(ctx.principal, jobs) };
  });
