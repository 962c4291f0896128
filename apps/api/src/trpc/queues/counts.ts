import { queueByNameInput } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

/** How many jobs of one queue are in each state. */
export const counts = jobReadProcedure
  .input(queueByNameInput)
  .query(({ ctx, input }) => ctx.parts.reads.queueCounts(ctx.principal.orgId, input.queue));
