import { readMessagesInput } from '@longshore/contract';
import { adminReadProcedure } from '../procedures.ts';

/** What became of messages, and what was answered. Those that there are not, or no more, are left out. */
export const messages = adminReadProcedure.input(readMessagesInput).query(async ({ ctx, input }) => ({
  messages: await ctx.parts.messages.read(ctx.principal.orgId, input.messageIds),
}));
