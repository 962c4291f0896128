/** `1,234,567`. */
export const renderCount = (count: number): string => Math.round(count).toLocaleString('en-US');

/** `1.2 MB`, in powers of ten. */
export const renderBytes = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
};

/** Seconds in the unit that suits them: `4 ms`, `1.5 s`, `12 min`, `3 h`, `2 d`. */
export const renderSeconds = (seconds: number): string => {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
};

/** How long ago an instant was, for people; by this machine's clock. */
export const renderAge = (instant: string): string =>
  renderSeconds(Math.max(0, (Date.now() - Date.parse(instant)) / 1_000));

/** The value below which so many percent of the values lie; NaN of none. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
};
