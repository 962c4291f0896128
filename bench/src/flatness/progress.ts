/** How many jobs were completed at an instant in milliseconds. Later ones in a list have completed no fewer. */
export interface Progress {
  atMs: number;
  completed: number;
}

/** Jobs a second from the first report of at least `from` completed jobs to the first of at least `to`; NaN when there is none. */
export const rateBetween = (reports: readonly Progress[], from: number, to: number): number => {
  const start = reports.find(({ completed }) => completed >= from);
  const end = reports.find(({ completed }) => completed >= to);
  if (!start || !end) return Number.NaN;
  return ((end.completed - start.completed) / (end.atMs - start.atMs)) * 1_000;
};

/** Jobs a second in each window between neighbouring reports. */
export const ratesOfWindows = (reports: readonly Progress[]): number[] =>
  reports.slice(1).map(({ atMs, completed }, place) => {
    const before = reports[place]!;
    return ((completed - before.completed) / (atMs - before.atMs)) * 1_000;
  });

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
