import { adminProcedure } from '../procedures.ts';

export const list = adminProcedure.query(async ({ ctx }) => ({
  workers: await ctx.parts.adminFor(ctx.actor).listWorkers(ctx.principal.orgId),
}));
