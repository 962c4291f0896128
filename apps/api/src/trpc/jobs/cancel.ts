import { cancelInput } from '@longshore/contract';
import { jobChangeProcedure } from '../procedures.ts';

/** Cancels what waits at once; what runs is asked to stop. */
export const cancel = jobChangeProcedure.input(cancelInput).mutation(async ({ ctx, input }) => ({
  answers: await ctx.parts.verbs.cancel(ctx.principal.orgId, input.ids, {
    actor: ctx.actor,
    reason: input.reason ?? null,
  }),
}));
