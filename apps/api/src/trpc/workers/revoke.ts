import { workerByIdInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Ends a worker's keys and sessions, and gives its jobs to others. Felt within a second on every process. */
export const revoke = adminProcedure.input(workerByIdInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  await ctx.parts.adminFor(ctx.actor).revokeWorker(orgId, input.id);
  ctx.parts.wakeUp.changed(orgId);
  ctx.parts.wakeUp.wake(orgId);
  return {};
});
