import { cancelInput } from '@longshore/contract';
import { submitProcedure } from '../procedures.ts';

/** Cancels what waits at once; what runs is asked to stop. */
export const cancel = submitProcedure.input(cancelInput).mutation(async ({ ctx, input }) => ({
  answers: await ctx.parts.verbs.cancel(ctx.principal, input.ids, input.reason ?? null),
}));
