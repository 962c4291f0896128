import { submitInput } from '@longshore/contract';
import { checkSizes } from '../../json-size.ts';
import { unwrapAnswer } from '../../verbs.ts';
import { submitProcedure } from '../procedures.ts';

/** Submits one job. Leaves with whatever else the org submits at the moment. */
export const submit = submitProcedure.input(submitInput).mutation(async ({ ctx, input }) => {
  checkSizes(input, '', ctx.parts.sizes);
  const [answer] = await ctx.parts.verbs.submitEach(ctx.principal, [input]);
  return unwrapAnswer(answer!);
});
