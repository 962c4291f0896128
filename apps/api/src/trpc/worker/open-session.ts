import { openSessionInput } from '@longshore/contract';
import { claimProcedure } from '../procedures.ts';

/** A worker process begins. What it says of itself can only narrow what its registration allows. */
export const openSession = claimProcedure.input(openSessionInput).mutation(async ({ ctx, input }) => {
  const answer = await ctx.parts.sessions.open(ctx.principal.orgId, ctx.workerId, input);
  ctx.parts.presenceWatch.lookSoon();
  return answer;
});
