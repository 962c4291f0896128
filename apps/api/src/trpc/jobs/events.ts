import { jobByIdInput, LongshoreError } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

/** The trail of a job: what happened to it, who did it and when, oldest first. */
export const events = jobReadProcedure.input(jobByIdInput).query(async ({ ctx, input }) => {
  const trail = await ctx.parts.reads.jobEvents(ctx.principal.orgId, input.id);
  if (trail.length === 0)
    throw new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
  return { events: trail };
});
