import { leaseProcedure } from '../procedures.ts';

/** A procedure by which a worker lets go of jobs. Where it has limits, its parked claims may have room then. */
export const finishProcedure = leaseProcedure.use(async ({ ctx, next }) => {
  const answer = await next();
  const { sessionBook, wakeUp } = ctx.parts;
  if (sessionBook.isLimited(ctx.workerId)) wakeUp.wakeWorker(ctx.principal.orgId, ctx.workerId);
  return answer;
});
