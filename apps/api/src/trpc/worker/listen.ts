import { listenInput } from '@longshore/contract';
import { leaseProcedure } from '../procedures.ts';

/** Waits up to `waitSeconds` for news of the session; with some, its heartbeat should come at once, and tells them. */
export const listen = leaseProcedure.input(listenInput).mutation(async ({ ctx, input, signal }) => {
  const { nudges, sessionBook } = ctx.parts;
  const session = await sessionBook.find(ctx.principal, input.sessionId);
  return { isNudged: await nudges.listen({ session, waitSeconds: input.waitSeconds ?? 0, signal }) };
});
