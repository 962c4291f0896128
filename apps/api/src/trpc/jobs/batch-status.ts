import { batchStatusInput } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

export const batchStatus = jobReadProcedure
  .input(batchStatusInput)
  .query(({ ctx, input }) => ctx.parts.reads.batchStatus(ctx.principal.orgId, input.batchId));
