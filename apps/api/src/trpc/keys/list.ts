import { adminProcedure } from '../procedures.ts';

export const list = adminProcedure.query(async ({ ctx }) => ({
  keys: await ctx.parts.adminFor(ctx.actor).listKeys(ctx.principal.orgId),
}));
