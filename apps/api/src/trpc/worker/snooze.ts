import { snoozeInput } from '@longshore/contract';
import { z } from 'zod';
import { answerEach, listOf } from '../each-item.ts';
import { leaseProcedure } from '../procedures.ts';

const schema = snoozeInput.shape.items.element;

/** Gives jobs back unspent, to be run after a delay. */
export const snooze = leaseProcedure
  .input(z.strictObject({ items: listOf(schema) }))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(input.items, { list: 'items', schema }, (items) =>
      ctx.parts.verbs.snooze(ctx.principal.orgId, items),
    ),
  }));
