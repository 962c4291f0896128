import { keyByIdInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Felt within a second on every process. With a worker's last key its jobs go to others. */
export const revoke = adminProcedure.input(keyByIdInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  await ctx.parts.adminFor(ctx.actor).revokeKey(orgId, input.id);
  ctx.parts.wakeUp.changed(orgId);
  ctx.parts.wakeUp.wake(orgId);
  return {};
});
