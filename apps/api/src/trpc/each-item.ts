import { type ItemAnswer, type LongshoreError, limits } from '@longshore/contract';
import { z } from 'zod';
import { fromZodError, toLongshoreError } from '../error-answer.ts';

/**
 * A list whose items are judged one by one by `answerEach`, so that a bad one does not fail its neighbours. Their schema is
 * noted, for tests that make inputs from it.
 */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(z.custom<z.input<Item>>(() => true).meta({ item }))
    .min(1)
    .max(limits.batchJobsMax);

export interface ItemRules<Item> {
  /** Name of the list in the input, for the path of a refused field. */
  list: string;
  schema: z.ZodType<Item>;
  /** Throws what the schema cannot know. */
  check?(item: Item, path: string): void;
}

/** Runs the good items as one batch and answers every item in its place. */
export const answerEach = async <Item, Answer>(
  given: readonly unknown[],
  rules: ItemRules<Item>,
  run: (items: Item[]) => Promise<ItemAnswer<Answer>[]>,
): Promise<ItemAnswer<Answer>[]> => {
  const judged = given.map((item, index) => judgeItem(item, index, rules));
  const good = judged.flatMap((verdict) => (verdict.isGood ? [verdict.item] : []));
  const answers = (good.length > 0 ? await run(good) : []).values();
  return judged.map((verdict) => (verdict.isGood ? answers.next().value! : refuse(verdict)));
};

type Verdict<Item> = { isGood: true; item: Item } | { isGood: false; id: string; error: LongshoreError };

const judgeItem = <Item>(
  given: unknown,
  index: number,
  { list, schema, check }: ItemRules<Item>,
): Verdict<Item> => {
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    return { isGood: false, id: idOf(given), error: fromZodError(parsed.error, [list, index]) };
  try {
    check?.(parsed.data, `${list}[${index}]`);
    return { isGood: true, item: parsed.data };
  } catch (error) {
    return { isGood: false, id: idOf(given), error: toLongshoreError(error) };
  }
};

const refuse = ({ id, error }: { id: string; error: LongshoreError }): ItemAnswer<never> => ({
  ok: false,
  id,
  state: null,
  error: error.toBody(),
});

const idOf = (given: unknown): string =>
  typeof given === 'object' && given !== null && 'id' in given && typeof given.id === 'string'
    ? given.id
    : '';
