import { heartbeatInput } from '@longshore/contract';
import { sessionLost } from '../../session-book.ts';
import { leaseProcedure } from '../procedures.ts';

/** The process lives and holds these jobs. Says which of them it has lost or is asked to stop. */
export const heartbeat = leaseProcedure.input(heartbeatInput).mutation(async ({ ctx, input }) => {
  const { sessionBook, verbs } = ctx.parts;
  const { id, orgId } = await sessionBook.find(ctx.principal, input.sessionId);
  const [answer] = await verbs.heartbeat(orgId, [input]);
  if (answer) return answer;
  sessionBook.forget(id);
  throw sessionLost();
});
