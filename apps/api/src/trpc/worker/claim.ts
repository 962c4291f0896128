import { claimInput } from '@longshore/contract';
import { claimProcedure } from '../procedures.ts';

/** Takes up to `limit` jobs, waiting up to `waitSeconds` for the first. */
export const claim = claimProcedure.input(claimInput).mutation(async ({ ctx, input, signal }) => {
  const { claimDesk, sessionBook } = ctx.parts;
  const session = await sessionBook.find(ctx.principal, input.sessionId);
  const { limit, waitSeconds = 0 } = input;
  const jobs = await claimDesk.claim({ session, limit, waitSeconds, signal });
  ctx.whenUndelivered(() => claimDesk.giveBack(session.orgId, jobs));
  return { jobs };
});
