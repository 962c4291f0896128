import { snoozeInput } from '@longshore/contract';
import { z } from 'zod';
import { answerEach, listOf } from '../each-item.ts';
import { syncInput } from '../sync-input.ts';
import { finishProcedure } from './finish-procedure.ts';

const schema = snoozeInput.shape.items.element;

/** Gives jobs back unspent, to be run after a delay. */
export const snooze = finishProcedure
  .input(syncInput(z.strictObject({ items: listOf(schema) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(input.items, { list: 'items', schema, accept: (item) => item }, (items) =>
      ctx.parts.verbs.snooze(ctx.principal.orgId, items),
    ),
  }));
