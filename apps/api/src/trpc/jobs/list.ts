import { listJobsInput } from '@longshore/contract';
import { submitProcedure } from '../procedures.ts';

export const list = submitProcedure
  .input(listJobsInput)
  .query(({ ctx, input }) => ctx.parts.reads.listJobs(ctx.principal.orgId, input));
