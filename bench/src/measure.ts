/** One figure: ours, the peers' in the same run by name, and ours divided by theirs. */
export interface Measure {
  name: string;
  unit: string;
  ours: number;
  peers: Record<string, number>;
  ratios: Record<string, number>;
}

/** From the figures of all subjects, ours under the name `longshore`. */
export const measureOf = (name: string, unit: string, figures: Record<string, number>): Measure => {
  const { longshore: ours = Number.NaN, ...peers } = figures;
  const ratios = Object.fromEntries(Object.entries(peers).map(([peer, theirs]) => [peer, ours / theirs]));
  return { name, unit, ours, peers, ratios };
};

/** The value below which the given part (0 to 1) of the values lies, by the nearest-rank method. */
export const quantile = (values: number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: number[]): number => quantile(values, 0.5);
