import { listJobsInput } from '@longshore/contract';
import { jobReadProcedure } from '../procedures.ts';

export const list = jobReadProcedure
  .input(listJobsInput)
  .query(({ ctx, input }) => ctx.parts.reads.listJobs(ctx.principal.orgId, input));
