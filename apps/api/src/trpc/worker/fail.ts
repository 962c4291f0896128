import { failInput } from '@longshore/contract';
import { z } from 'zod';
import { answerEach, listOf } from '../each-item.ts';
import { syncInput } from '../sync-input.ts';
import { finishProcedure } from './finish-procedure.ts';

const schema = failInput.shape.items.element;

/** Ends attempts in error; jobs with tries left go back in line after their backoff. */
export const fail = finishProcedure
  .input(syncInput(z.strictObject({ items: listOf(schema) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(input.items, { list: 'items', schema, accept: (item) => item }, (items) =>
      ctx.parts.verbs.fail(ctx.principal.orgId, items),
    ),
  }));
