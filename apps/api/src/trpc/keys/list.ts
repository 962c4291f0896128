import { adminProcedure } from '../procedures.ts';

export const list = adminProcedure.query(async ({ ctx }) => ({
  keys: await ctx.parts.admin.listKeys(ctx.principal.orgId),
}));
