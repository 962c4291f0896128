import { jobReadProcedure } from '../procedures.ts';

export const list = jobReadProcedure.query(async ({ ctx }) => ({
  queues: await ctx.parts.reads.queues(ctx.principal.orgId),
}));
