import { LongshoreError, watchBatchInput } from '@longshore/contract';
import { openStream } from '../open-stream.ts';
import { jobReadProcedure } from '../procedures.ts';

/** How many jobs of a batch are in each state, at most once a second and when it has changed, until none is live. */
export const watchBatch = jobReadProcedure
  .input(watchBatchInput)
  .subscription(async ({ ctx, input, signal }) => {
    const { orgId } = ctx.principal;
    const { total } = await ctx.parts.reads.batchStatus(orgId, input.batchId);
    if (total === 0)
      throw new LongshoreError('NOT_FOUND', 'there is no job of this batch', { field: 'batchId' });
    return openStream(ctx, signal, (ended) => ctx.parts.live.boards.watchBatch(orgId, input, ended));
  });
