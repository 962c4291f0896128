import { keyByIdInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Felt within a second on every process. */
export const revoke = adminProcedure.input(keyByIdInput).mutation(async ({ ctx, input }) => {
  await ctx.parts.adminFor(ctx.actor).revokeKey(ctx.principal.orgId, input.id);
  return {};
});
