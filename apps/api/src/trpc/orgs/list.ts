import { operatorReadProcedure } from '../procedures.ts';

export const list = operatorReadProcedure.query(async ({ ctx }) => ({
  orgs: await ctx.parts.adminFor(ctx.actor).listOrgs(),
}));
