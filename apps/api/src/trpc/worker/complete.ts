import { completeInput, isPlainComplete } from '@longshore/contract';
import { z } from 'zod';
import { checkSizes } from '../../json-size.ts';
import { answerEach, listOf } from '../each-item.ts';
import { syncInput } from '../sync-input.ts';
import { finishProcedure } from './finish-procedure.ts';

const schema = completeInput.shape.items.element;

/** Ends jobs well, with their results. */
export const complete = finishProcedure
  .input(syncInput(z.strictObject({ items: listOf(schema) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(
      input.items,
      {
        list: 'items',
        schema,
        isPlain: isPlainComplete,
        accept: (item, path) => ({ ...item, resultText: checkSizes(item, path, ctx.parts.sizes).result }),
      },
      (items) => ctx.parts.verbs.complete(ctx.principal.orgId, items),
    ),
  }));
