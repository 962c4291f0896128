import { listAuditInput } from '@longshore/contract';
import { auditReadProcedure } from '../procedures.ts';

/** What people and keys did in the org of the key, newest first; an operator's key has the log of the system itself. */
export const list = auditReadProcedure
  .input(listAuditInput)
  .query(({ ctx, input }) => ctx.parts.reads.listAudit(ctx.principal.orgId, input));
