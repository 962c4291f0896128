import { adminProcedure } from '../procedures.ts';

export const list = adminProcedure.query(async ({ ctx }) => ({
  workers: await ctx.parts.admin.listWorkers(ctx.principal.orgId),
}));
