import { openStream } from '../open-stream.ts';
import { adminReadProcedure } from '../procedures.ts';

/** Who is connected, and then what changes: at most once a second, and nothing while nothing does. */
export const watch = adminReadProcedure.subscription(async ({ ctx, signal }) =>
  openStream(ctx, signal, (ended) => ctx.parts.workerWatch.watch(ctx.principal.orgId, ended)),
);
