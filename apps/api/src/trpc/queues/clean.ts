import { cleanQueueInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Takes finished jobs of a queue out of history; answers which, and whether there may be more. */
export const clean = adminProcedure
  .input(cleanQueueInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).cleanQueue(ctx.principal.orgId, input));
