import { closeSessionInput } from '@longshore/contract';
import { leaseProcedure } from '../procedures.ts';

/** A worker process ends; what it still holds goes back unspent. */
export const closeSession = leaseProcedure.input(closeSessionInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  const released = await ctx.parts.sessions.close(orgId, ctx.workerId, input.sessionId);
  ctx.parts.sessionBook.forget(input.sessionId);
  ctx.parts.presenceWatch.lookSoon();
  if (released > 0) ctx.parts.wakeUp.wake(orgId);
  return { released };
});
