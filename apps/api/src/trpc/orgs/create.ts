import { createOrgInput } from '@longshore/contract';
import { operatorProcedure } from '../procedures.ts';

/** Makes an org and its first admin key, which is shown this once. */
export const create = operatorProcedure
  .input(createOrgInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).createOrgWithAdminKey(input.slug));
