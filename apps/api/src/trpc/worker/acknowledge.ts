import { acknowledgeInput } from '@longshore/contract';
import { leaseProcedure } from '../procedures.ts';

/** Messages to the session are done, or could not be. Those of other sessions are passed over. */
export const acknowledge = leaseProcedure.input(acknowledgeInput).mutation(async ({ ctx, input }) => {
  const { messages, sessionBook } = ctx.parts;
  const { id, orgId } = await sessionBook.find(ctx.principal, input.sessionId);
  await messages.acknowledge(orgId, id, input.items);
  return {};
});
