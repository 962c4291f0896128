import { outputInput } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

/** What a job has printed, oldest first, after the line the caller knows. */
export const output = jobReadProcedure.input(outputInput).query(async ({ ctx, input }) => {
  const { id, afterId = 0, limit = 100 } = input;
  return { lines: await ctx.parts.reads.output(ctx.principal.orgId, { id, afterId, limit }) };
});
