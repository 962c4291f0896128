import { waitInput } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

/** Answers once the job is final, or with null after `waitSeconds`. */
export const wait = jobReadProcedure.input(waitInput).mutation(async ({ ctx, input, signal }) => ({
  job: await ctx.parts.waits.wait({ orgId: ctx.principal.orgId, ...input, signal }),
}));
