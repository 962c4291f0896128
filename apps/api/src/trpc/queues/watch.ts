import { watchQueueInput } from '@longshore/contract';
import { openStream } from '../open-stream.ts';
import { jobReadProcedure } from '../procedures.ts';

/** What waits and runs in a queue, at most once a second and when it has changed. */
export const watch = jobReadProcedure
  .input(watchQueueInput)
  .subscription(async ({ ctx, input, signal }) =>
    openStream(ctx, signal, (ended) => ctx.parts.live.boards.watchQueue(ctx.principal.orgId, input, ended)),
  );
