import { workerSendInput } from '@longshore/contract';
import { leaseProcedure } from '../procedures.ts';

/** A worker tells the server something, once by the id of the message. */
export const send = leaseProcedure.input(workerSendInput).mutation(async ({ ctx, input }) => {
  const { sessionBook, workerMail } = ctx.parts;
  return workerMail.take(await sessionBook.find(ctx.principal, input.sessionId), input);
});
