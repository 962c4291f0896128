import { releaseInput } from '@longshore/contract';
import { z } from 'zod';
import { answerEach, listOf } from '../each-item.ts';
import { syncInput } from '../sync-input.ts';
import { finishProcedure } from './finish-procedure.ts';

const schema = releaseInput.shape.items.element;

/** Gives jobs back unspent, to be run by others now. */
export const release = finishProcedure
  .input(syncInput(z.strictObject({ items: listOf(schema) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(input.items, { list: 'items', schema, accept: (item) => item }, (items) =>
      ctx.parts.verbs.release(ctx.principal.orgId, items),
    ),
  }));
