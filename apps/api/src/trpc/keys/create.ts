import { createKeyInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Makes a key for this org; it is shown this once. */
export const create = adminProcedure
  .input(createKeyInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).createKey(ctx.principal.orgId, input));
