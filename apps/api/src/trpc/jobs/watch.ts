import { watchJobInput } from '@longshore/contract';
import { openStream } from '../open-stream.ts';
import { jobReadProcedure } from '../procedures.ts';

/** State, progress and output of a job as they come, until it is final. */
export const watch = jobReadProcedure.input(watchJobInput).subscription(async ({ ctx, input, signal }) => {
  const { id, lastEventId } = input;
  const place = { orgId: ctx.principal.orgId, id };
  return openStream(ctx, signal, await ctx.parts.live.jobWatch.watchJob(place, lastEventId));
});
