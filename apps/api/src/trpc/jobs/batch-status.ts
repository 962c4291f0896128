import { batchStatusInput } from '@longshore/contract';
import { submitProcedure } from '../procedures.ts';

export const batchStatus = submitProcedure
  .input(batchStatusInput)
  .query(({ ctx, input }) => ctx.parts.reads.batchStatus(ctx.principal.orgId, input.batchId));
