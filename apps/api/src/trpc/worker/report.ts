import { reportInput } from '@longshore/contract';
import { z } from 'zod';
import { checkSizes } from '../../json-size.ts';
import { answerEach, listOf } from '../each-item.ts';
import { leaseProcedure } from '../procedures.ts';
import { syncInput } from '../sync-input.ts';

const schema = reportInput.shape.items.element;

/** Stores progress and output of running jobs. */
export const report = leaseProcedure
  .input(syncInput(z.strictObject({ items: listOf(schema) })))
  .mutation(async ({ ctx, input }) => ({
    answers: await answerEach(
      input.items,
      {
        list: 'items',
        schema,
        accept: (item, path) => {
          checkSizes(item, path, ctx.parts.sizes);
          return item;
        },
      },
      (items) => ctx.parts.verbs.report(ctx.principal.orgId, items),
    ),
  }));
