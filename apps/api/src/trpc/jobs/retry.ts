import { jobIdsInput } from '@longshore/contract';
import { jobChangeProcedure } from '../procedures.ts';

/** Runs finished jobs once more. */
export const retry = jobChangeProcedure.input(jobIdsInput).mutation(async ({ ctx, input }) => ({
  answers: await ctx.parts.verbs.retry(ctx.principal.orgId, input.ids, { actor: ctx.actor }),
}));
