import { LongshoreError } from '@longshore/contract';

export interface GathererOptions<Item, Answer> {
  /** Sends one batch; answers in the order of the items. */
  send(items: Item[]): Promise<Answer[]>;
  itemsMax: number;
  /** A batch ends before it would pass this size. An item above it travels alone. */
  bytesMax?: number;
  /** Batches under way at the same time. Default 2. */
  flightsMax?: number;
}

export interface Gatherer<Item, Answer> {
  /** The answer for this item alone, or its own error. */
  add(item: Item, bytes?: number): Promise<Answer>;
}

interface Entry<Item, Answer> {
  item: Item;
  bytes: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Packs calls that are made at the same time into batches: the first call leaves at the end of the present microtask,
 * and what arrives while requests are under way leaves together when one returns. There is no timer: an idle caller
 * waits for nobody, a busy one forms batches by itself.
 */
export const createGatherer = <Item, Answer>(
  options: GathererOptions<Item, Answer>,
): Gatherer<Item, Answer> => {
  const { send, itemsMax, bytesMax = Number.POSITIVE_INFINITY, flightsMax = 2 } = options;
  let waiting: Entry<Item, Answer>[] = [];
  let flights = 0;
  let isTakeoffDue = false;

  const add = (item: Item, bytes = 0): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, bytes, resolve, reject });
      if (isTakeoffDue || flights >= flightsMax) return;
      isTakeoffDue = true;
      queueMicrotask(takeOff);
    });

  const takeOff = (): void => {
    isTakeoffDue = false;
    while (waiting.length > 0 && flights < flightsMax) void fly(takeBatch());
  };

  const takeBatch = (): Entry<Item, Answer>[] => {
    let count = 0;
    let bytes = 0;
    for (const entry of waiting) {
      bytes += entry.bytes;
      if (count === itemsMax || (count > 0 && bytes > bytesMax)) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  };

  const fly = async (batch: Entry<Item, Answer>[]): Promise<void> => {
    flights++;
    await deliver(batch, send);
    flights--;
    takeOff();
  };

  return { add };
};

/** Never rejects. One item that spoils a whole request is found by halving, so that its neighbours get their answers. */
const deliver = async <Item, Answer>(
  batch: Entry<Item, Answer>[],
  send: (items: Item[]) => Promise<Answer[]>,
): Promise<void> => {
  try {
    const answers = await send(batch.map((entry) => entry.item));
    batch.forEach((entry, index) => {
      settle(entry, answers[index]);
    });
  } catch (error) {
    if (batch.length === 1 || !isAboutOneItem(error)) {
      for (const entry of batch) entry.reject(error);
      return;
    }
    const half = batch.length >> 1;
    await deliver(batch.slice(0, half), send);
    await deliver(batch.slice(half), send);
  }
};

const settle = <Item, Answer>(entry: Entry<Item, Answer>, answer: Answer | undefined): void => {
  if (answer === undefined) entry.reject(new LongshoreError('INTERNAL', 'The server left out an answer.'));
  else entry.resolve(answer);
};

const isAboutOneItem = (error: unknown): boolean =>
  error instanceof LongshoreError && ['INVALID_INPUT', 'UNKNOWN_OPTION', 'TOO_LARGE'].includes(error.code);
