import { cancelWhereInput } from '@longshore/contract';
import { jobChangeProcedure } from '../procedures.ts';

/** Cancels all jobs that fit a filter. One that breaks off has done a part; the same call again does the rest. */
export const cancelWhere = jobChangeProcedure
  .input(cancelWhereInput)
  .mutation(({ ctx, input: { reason = null, ...filter } }) =>
    ctx.parts.verbs.cancelWhere(ctx.principal.orgId, filter, { actor: ctx.actor, reason }),
  );
