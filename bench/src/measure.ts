/** One figure: ours, the peers' in the same run by name, and ours divided by theirs. */
export interface Measure {
  name: string;
  unit: string;
  /** Not a number (null in JSON) when it was refused. */
  ours: number;
  peers: Record<string, number>;
  ratios: Record<string, number>;
  /** What it must reach, in words. */
  bar?: string;
  /** Left out where there is no bar, and where no bar is missed but something it is held against was not measured. */
  isMet?: boolean;
  /** The runs whose medians the figures are, by subject. */
  runs?: Record<string, number[]>;
  /** What the names of the figures begin with that it was taken from, when not by its own name. */
  takenFrom?: string;
  detail?: unknown;
}

/** From the figures of all subjects, ours under the name `longshore`. */
export const measureOf = (name: string, unit: string, figures: Record<string, number>): Measure => {
  const { longshore: ours = Number.NaN, ...peers } = figures;
  const ratios = Object.fromEntries(
    Object.entries(peers)
      .map(([peer, theirs]) => [peer, ours / theirs] as const)
      .filter(([, ratio]) => Number.isFinite(ratio)),
  );
  return { name, unit, ours, peers, ratios };
};

/** From every run of all subjects: the figures are their medians. A subject without runs is left out. */
export const measureOfRuns = (name: string, unit: string, runs: Record<string, number[]>): Measure => {
  const measured = Object.entries(runs).filter(([, values]) => values.length > 0);
  const figures = Object.fromEntries(measured.map(([subject, values]) => [subject, median(values)]));
  return { ...measureOf(name, unit, figures), runs: Object.fromEntries(measured) };
};

/** The value below which the given part (0 to 1) of the values lies, by the nearest-rank method. */
export const quantile = (values: number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: number[]): number => quantile(values, 0.5);
