import { waitInput } from '@longshore/contract';
import { confirmKeyAfter } from '../confirm-key.ts';
import { jobReadProcedure } from '../procedures.ts';

/** Answers once the job is final, or with null after `waitSeconds`. */
export const wait = jobReadProcedure.input(waitInput).mutation(async ({ ctx, input, signal }) => {
  const { orgId } = ctx.principal;
  return { job: await confirmKeyAfter(ctx, ctx.parts.waits.wait({ orgId, ...input, signal })) };
});
