import { submitProcedure } from '../procedures.ts';

export const stats = submitProcedure.query(({ ctx }) => ctx.parts.reads.stats(ctx.principal.orgId));
