/** The value below which this share of the sorted values lies; NaN of none. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

/** A table of names and sorted milliseconds. */
export const renderLatencies = (rows: readonly (readonly [string, readonly number[]])[]): string => {
  const lines = rows.map(([name, sorted]) => [
    name,
    String(sorted.length),
    ...[0.5, 0.99, 1].map((share) => quantile(sorted, share).toFixed(0)),
  ]);
  const all = [['', 'count', 'p50', 'p99', 'max'], ...lines];
  return all
    .map(([name, ...cells]) => `  ${name!.padEnd(36)}${cells.map((cell) => cell.padStart(8)).join('')}\n`)
    .join('');
};
