import { LongshoreError } from '@longshore/contract';
import { isLockTimeout } from '@longshore/db';

export interface GathererOptions {
  /** Items in one run at most; a single caller may bring more, and then goes alone. */
  itemsMax: number;
  /** Runs side by side at most. Default 1. */
  inFlightMax?: number;
  /** While a run is under way, this many waiting items start another beside it. Default 100. */
  crowdItems?: number;
}

export interface Gatherer<Item, Answer> {
  /** Answers in the order of the items; rejects with what went wrong for this caller alone. */
  call(items: readonly Item[]): Promise<Answer[]>;
  readonly isIdle: boolean;
}

interface Call<Item, Answer> {
  items: readonly Item[];
  resolve(answers: Answer[]): void;
  reject(reason: unknown): void;
}

/**
 * Forms batches out of concurrent calls without a timer: while a run is under way the calls that arrive are gathered,
 * and go out together as the next one. An idle gatherer runs a call at once.
 * A run that fails for good (not UNAVAILABLE and the like), or for a row that somebody has locked, is halved until the
 * caller with the bad item stands alone. When both halves meet a lock, it is no one row: all that is left is rejected.
 */
export const createGatherer = <Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
  { itemsMax, inFlightMax = 1, crowdItems = 100 }: GathererOptions,
): Gatherer<Item, Answer> => {
  const waiting: Call<Item, Answer>[] = [];
  let waitingItems = 0;
  let inFlight = 0;

  const startRuns = (): void => {
    while (waiting.length > 0 && (inFlight === 0 || (inFlight < inFlightMax && waitingItems >= crowdItems))) {
      const calls = takeCalls(waiting, itemsMax);
      for (const { items } of calls) waitingItems -= items.length;
      inFlight += 1;
      void runCalls(calls, run).then((settle) => {
        inFlight -= 1;
        settle();
        startRuns();
      });
    }
  };

  return {
    call: (items) =>
      new Promise<Answer[]>((resolve, reject) => {
        waiting.push({ items, resolve, reject });
        waitingItems += items.length;
        startRuns();
      }),
    get isIdle() {
      return inFlight === 0 && waiting.length === 0;
    },
  };
};

/** One gatherer for each key, such as an org; it is forgotten when nobody waits. */
export const createKeyedGatherer = <Key, Item, Answer>(
  run: (key: Key, items: Item[]) => Promise<Answer[]>,
  options: GathererOptions,
): ((key: Key, items: readonly Item[]) => Promise<Answer[]>) => {
  const gatherers = new Map<Key, Gatherer<Item, Answer>>();
  return async (key, items) => {
    const gatherer = gatherers.get(key) ?? createGatherer((gathered: Item[]) => run(key, gathered), options);
    gatherers.set(key, gatherer);
    try {
      return await gatherer.call(items);
    } finally {
      if (gatherer.isIdle && gatherers.get(key) === gatherer) gatherers.delete(key);
    }
  };
};

const takeCalls = <Item, Answer>(waiting: Call<Item, Answer>[], itemsMax: number): Call<Item, Answer>[] => {
  let items = waiting[0]?.items.length ?? 0;
  let count = 1;
  while (count < waiting.length && items + waiting[count]!.items.length <= itemsMax) {
    items += waiting[count]!.items.length;
    count += 1;
  }
  return waiting.splice(0, count);
};

/** Never rejects. Gives back how to settle the last callers, so that the run is counted as over before they go on. */
const runCalls = async <Item, Answer>(
  calls: Call<Item, Answer>[],
  run: (items: Item[]) => Promise<Answer[]>,
): Promise<() => void> => {
  const left = [[calls]];
  let settle = (): void => {};
  // Larger groups come first, so that most callers wait for few failures.
  for (let halves = left.shift(); halves; halves = left.shift()) {
    let locksMet = 0;
    for (const group of halves) {
      settle();
      try {
        const answers = await runGroup(group, run);
        settle = () => dealAnswers(group, answers);
      } catch (error) {
        if (isLockTimeout(error)) locksMet += 1;
        const isOver = group.length === 1 || isAboutAll(error) || locksMet === 2;
        // Each further try would wait a second for its lock.
        const rejected = locksMet === 2 ? [group, ...left.splice(0).flat()] : isOver ? [group] : [];
        if (!isOver) left.push(halvesOf(group));
        settle = () => rejectAll(rejected.flat(), error);
      }
    }
  }
  return settle;
};

const runGroup = async <Item, Answer>(
  group: Call<Item, Answer>[],
  run: (items: Item[]) => Promise<Answer[]>,
): Promise<Answer[]> => {
  const items = group.flatMap((call) => call.items);
  const answers = await run(items);
  if (answers.length !== items.length)
    throw new LongshoreError('INTERNAL', 'a batch lost some of its answers');
  return answers;
};

const halvesOf = <Value>(values: Value[]): [Value[], Value[]] => {
  const half = Math.ceil(values.length / 2);
  return [values.slice(0, half), values.slice(half)];
};

const rejectAll = <Item, Answer>(calls: Call<Item, Answer>[], error: unknown): void => {
  for (const call of calls) call.reject(error);
};

const dealAnswers = <Item, Answer>(calls: Call<Item, Answer>[], answers: Answer[]): void => {
  let from = 0;
  for (const call of calls) {
    call.resolve(answers.slice(from, from + call.items.length));
    from += call.items.length;
  }
};

const isAboutAll = (error: unknown): boolean =>
  error instanceof LongshoreError && error.isRetryable && !isLockTimeout(error);
