import { jobByIdInput, LongshoreError } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

export const get = jobReadProcedure.input(jobByIdInput).query(async ({ ctx, input }) => {
  const job = await ctx.parts.reads.getJob(ctx.principal.orgId, input.id);
  if (!job) throw new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
  return job;
});
