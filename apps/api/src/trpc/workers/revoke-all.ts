import { revokeAllWorkersInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Revokes every worker of the org. Felt within a second on every process. */
export const revokeAll = adminProcedure.input(revokeAllWorkersInput).mutation(async ({ ctx }) => {
  const { orgId } = ctx.principal;
  const revoked = await ctx.parts.adminFor(ctx.actor).revokeAllWorkers(orgId);
  ctx.parts.wakeUp.changed(orgId);
  ctx.parts.wakeUp.wake(orgId);
  return { revoked };
});
