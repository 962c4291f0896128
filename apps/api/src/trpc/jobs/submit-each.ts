import { isPlainSubmit, submitInput, submitManyInput } from '@longshore/contract';
import { toNewJob } from '../../new-job.ts';
import { answerEach, listOf } from '../each-item.ts';
import { submitProcedure } from '../procedures.ts';
import { syncInput } from '../sync-input.ts';

/** Submits many jobs, each for itself: a bad one gets its own error. */
export const submitEach = submitProcedure
  .input(syncInput(submitManyInput.extend({ jobs: listOf(submitInput) })))
  .mutation(async ({ ctx, input: { jobs, isFirstSend } }) => ({
    answers: await answerEach(
      jobs,
      {
        list: 'jobs',
        schema: submitInput,
        isPlain: isPlainSubmit,
        accept: (job, path) => toNewJob(job, path, { sizes: ctx.parts.sizes, isFirstSend }),
      },
      (accepted) => ctx.parts.verbs.submitEach(ctx.principal, accepted),
    ),
  }));
