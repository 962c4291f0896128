import { sendMessagesInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Sends a message to worker processes. Those that are connected hear of it at once, the others with their next heartbeat. */
export const send = adminProcedure.input(sendMessagesInput).mutation(async ({ ctx, input }) => {
  const messages = await ctx.parts.messages.send(ctx.principal.orgId, ctx.actor, input);
  ctx.parts.wakeUp.nudge(messages.map(({ sessionId }) => sessionId));
  return { messages };
});
