import { submitProcedure } from '../procedures.ts';

export const list = submitProcedure.query(async ({ ctx }) => ({
  queues: await ctx.parts.reads.queues(ctx.principal.orgId),
}));
