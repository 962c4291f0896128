import { queueByNameInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

export const resume = adminProcedure.input(queueByNameInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  await ctx.parts.adminFor(ctx.actor).resumeQueue(orgId, input.queue);
  ctx.parts.wakeUp.wake(orgId);
  return {};
});
