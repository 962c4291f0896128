import { type ClaimedJob, claimInput } from '@longshore/contract';
import type { PackedClaim } from '@longshore/db';
import { confirmKeyAfter } from '../confirm-key.ts';
import { JsonText } from '../json-text.ts';
import { claimProcedure } from '../procedures.ts';

/** Takes up to `limit` jobs, waiting up to `waitSeconds` for the first. */
export const claim = claimProcedure.input(claimInput).mutation(async ({ ctx, input, signal }) => {
  const { claimDesk, sessionBook } = ctx.parts;
  const session = await sessionBook.find(ctx.principal, input.sessionId);
  const { limit, waitSeconds = 0 } = input;
  const claiming = claimDesk.claim({ session, limit, waitSeconds, signal });
  const giveBack = (jobs: PackedClaim[]): void => claimDesk.giveBack(session.orgId, jobs);
  const jobs = await confirmKeyAfter(ctx, claiming, giveBack);
  ctx.whenUndelivered(() => giveBack(jobs));
  return JsonText.of<{ jobs: ClaimedJob[] }>(`{"jobs":[${jobs.map(({ text }) => text).join()}]}`);
});
