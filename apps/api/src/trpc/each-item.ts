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

export interface ItemRules<Item, Accepted> {
  /** Name of the list in the input, for the path of a refused field. */
  list: string;
  schema: z.ZodType<Item>;
  /** True for an item that the schema would take as it stands: it is spared the schema. */
  isPlain?(given: unknown): given is Item;
  /** What becomes of a good item. Throws what the schema cannot know. */
  accept(item: Item, path: string): Accepted;
}

/** Runs the good items as one batch and answers every item in its place. */
export const answerEach = async <Item, Accepted, Answer>(
  given: readonly unknown[],
  rules: ItemRules<Item, Accepted>,
  run: (items: Accepted[]) => Promise<ItemAnswer<Answer>[]>,
): Promise<ItemAnswer<Answer>[]> => {
  const good: Accepted[] = [];
  const refused = new Map<number, ItemAnswer<never>>();
  given.forEach((item, index) => {
    try {
      good.push(acceptItem(item, index, rules));
    } catch (error) {
      refused.set(index, refuse(idOf(item), toLongshoreError(error)));
    }
  });
  const answers = good.length > 0 ? await run(good) : [];
  if (refused.size === 0) return answers;
  const rest = answers.values();
  return given.map((_, index) => refused.get(index) ?? rest.next().value!);
};

/** What becomes of the items when all of them are good. Throws the error of the first bad one. */
export const acceptAll = <Item, Accepted>(
  given: readonly unknown[],
  rules: ItemRules<Item, Accepted>,
): Accepted[] => given.map((item, index) => acceptItem(item, index, rules));

const acceptItem = <Item, Accepted>(
  given: unknown,
  index: number,
  { list, schema, isPlain, accept }: ItemRules<Item, Accepted>,
): Accepted => {
  if (isPlain?.(given)) return accept(given, `${list}[${index}]`);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw fromZodError(parsed.error, [list, index]);
  return accept(parsed.data, `${list}[${index}]`);
};

const refuse = (id: string, error: LongshoreError): ItemAnswer<never> => ({
  ok: false,
  id,
  state: null,
  error: error.toBody(),
});

const idOf = (given: unknown): string =>
  typeof given === 'object' && given !== null && 'id' in given && typeof given.id === 'string'
    ? given.id
    : '';
