import { inboxInput } from '@longshore/contract';
import { adminReadProcedure } from '../procedures.ts';

/** What workers told the server, newest first. */
export const inbox = adminReadProcedure
  .input(inboxInput)
  .query(({ ctx, input }) => ctx.parts.messages.inbox(ctx.principal.orgId, input));
