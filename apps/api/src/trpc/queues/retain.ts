import { retainQueueInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Keeps less of a queue's history than the deployment does. */
export const retain = adminProcedure
  .input(retainQueueInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).retainQueue(ctx.principal.orgId, input));
