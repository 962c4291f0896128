import { jobReadProcedure } from '../procedures.ts';

export const stats = jobReadProcedure.query(({ ctx }) => ctx.parts.reads.stats(ctx.principal.orgId));
