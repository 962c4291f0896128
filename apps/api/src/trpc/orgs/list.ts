import { operatorProcedure } from '../procedures.ts';

export const list = operatorProcedure.query(async ({ ctx }) => ({
  orgs: await ctx.parts.adminFor(ctx.actor).listOrgs(),
}));
