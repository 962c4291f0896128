import { submitInput, submitManyInput } from '@longshore/contract';
import { checkSizes } from '../../json-size.ts';
import { markRepeats } from '../../mark-repeats.ts';
import { answerEach, listOf } from '../each-item.ts';
import { submitProcedure } from '../procedures.ts';
import { syncInput } from '../sync-input.ts';

/** Submits many jobs, each for itself: a bad one gets its own error. */
export const submitEach = submitProcedure
  .input(syncInput(submitManyInput.extend({ jobs: listOf(submitInput) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(
      input.jobs,
      { list: 'jobs', schema: submitInput, check: (job, path) => checkSizes(job, path, ctx.parts.sizes) },
      (jobs) => ctx.parts.verbs.submitEach(ctx.principal, markRepeats(jobs, input.isFirstSend)),
    ),
  }));
