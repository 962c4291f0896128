import { jobByExternalIdInput, LongshoreError } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

export const getByExternalId = jobReadProcedure.input(jobByExternalIdInput).query(async ({ ctx, input }) => {
  const job = await ctx.parts.reads.getJobByExternalId(ctx.principal.orgId, input.externalId);
  if (!job)
    throw new LongshoreError('NOT_FOUND', 'there is no job with this external id', { field: 'externalId' });
  return job;
});
