import { pickWorkerInput } from '@longshore/contract';
import { adminReadProcedure } from '../procedures.ts';

/** The least loaded process that is available for such a job; null when there is none. It may be busy a moment later. */
export const pick = adminReadProcedure.input(pickWorkerInput).query(async ({ ctx, input }) => ({
  session: await ctx.parts.presence.pickSession(ctx.principal.orgId, input),
}));
