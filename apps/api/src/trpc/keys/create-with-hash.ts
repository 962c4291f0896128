import { createKeyWithHashInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Takes a key that was made elsewhere, by its hash. */
export const createWithHash = adminProcedure
  .input(createKeyWithHashInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).createKeyWithHash(ctx.principal.orgId, input));
