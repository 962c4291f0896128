import { rotateKeyInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Makes a new key in the place of an old one, which works on beside it for a while. The new one is shown this once. */
export const rotate = adminProcedure.input(rotateKeyInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  const key = await ctx.parts.adminFor(ctx.actor).rotateKey(orgId, input);
  ctx.parts.wakeUp.changed(orgId);
  return key;
});
