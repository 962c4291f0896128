import { queueByNameInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Nothing of this queue is claimed until it is resumed; what runs goes on. */
export const pause = adminProcedure.input(queueByNameInput).mutation(async ({ ctx, input }) => {
  await ctx.parts.adminFor(ctx.actor).pauseQueue(ctx.principal.orgId, input.queue);
  return {};
});
