import { adminReadProcedure } from '../procedures.ts';

export const list = adminReadProcedure.query(async ({ ctx }) => ({
  workers: await ctx.parts.adminFor(ctx.actor).listWorkers(ctx.principal.orgId),
}));
