import { submitInput } from '@longshore/contract';
import { toNewJob } from '../../new-job.ts';
import { unwrapAnswer } from '../../verbs.ts';
import { submitProcedure } from '../procedures.ts';

/** Submits one job. Leaves with whatever else the org submits at the moment. */
export const submit = submitProcedure.input(submitInput).mutation(async ({ ctx, input }) => {
  const job = toNewJob(input, '', ctx.parts);
  const [answer] = await ctx.parts.verbs.submitEach(ctx.principal, [job]);
  return unwrapAnswer(answer!);
});
