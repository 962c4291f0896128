import { waitManyInput } from '@longshore/contract';
import { confirmKeyAfter } from '../confirm-key.ts';
import { jobReadProcedure } from '../procedures.ts';

/** Answers as soon as one of the jobs is final, with all that are; with none after `waitSeconds`. */
export const waitMany = jobReadProcedure.input(waitManyInput).mutation(({ ctx, input, signal }) => {
  const { jobIds: ids, waitSeconds } = input;
  const { orgId } = ctx.principal;
  return confirmKeyAfter(ctx, ctx.parts.waits.waitMany({ orgId, ids, waitSeconds, signal }));
});
