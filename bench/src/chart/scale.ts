/** Round values from 0 to the first one at or above the largest, four to eight of them: 1, 2 or 5 times a power of ten apart. */
export const ticksUpTo = (largest: number): number[] => {
  if (!(largest > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(largest / 4));
  const step = [5, 2, 1].map((factor) => factor * power).find((each) => largest / each >= 4) ?? power;
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => index * step);
};

/** Places for labels, each as near as may be to what it names: at least `gap` apart, in the same order. */
export const spreadLabels = (places: readonly number[], gap: number): number[] => {
  const spread = [...places];
  const order = places.map((_, index) => index).sort((a, b) => places[b]! - places[a]!);
  // From the bottom up: lines of slow peers lie along the axis, and there is no room below it.
  order.slice(1).forEach((index, before) => {
    spread[index] = Math.min(spread[index]!, spread[order[before]!]! - gap);
  });
  return spread;
};
