import { adminReadProcedure } from '../procedures.ts';

export const list = adminReadProcedure.query(async ({ ctx }) => ({
  keys: await ctx.parts.adminFor(ctx.actor).listKeys(ctx.principal.orgId),
}));
