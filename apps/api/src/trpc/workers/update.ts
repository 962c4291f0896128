import { updateWorkerInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Changes what a worker may do. No claim from now on goes by the old policy; jobs it runs already go on. */
export const update = adminProcedure.input(updateWorkerInput).mutation(async ({ ctx, input }) => {
  const { orgId } = ctx.principal;
  await ctx.parts.adminFor(ctx.actor).updateWorker(orgId, input);
  ctx.parts.wakeUp.changed(orgId);
  ctx.parts.wakeUp.wake(orgId);
  return {};
});
