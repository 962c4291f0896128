/** Repeatable randomness: the same seed gives the same choices. */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number;
  pick<Item>(items: readonly Item[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
}

/** The seed is LONGSHORE_TEST_SEED, or else a new one; tests print it when they fail. */
export const createRandom = (
  seed: number = Number(process.env.LONGSHORE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31)),
): Random => {
  let state = seed;
  // mulberry32: small, and good enough to vary a schedule.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    seed,
    below,
    pick: (items) => items[below(items.length)]!,
    shuffle: (items) =>
      items
        .map((item) => ({ item, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item),
  };
};
