/** What a PostgreSQL server wrote to its log, counted. */
export interface ServerLog {
  /** Takes the log as it comes, in pieces of any size. */
  write(text: string): void;
  /** Errors by SQLSTATE. */
  readonly counts: ReadonlyMap<string, number>;
  /** Lines that no fault explains: deadlocks, missing rights, faults of our SQL or of PostgreSQL. The first fifty. */
  readonly alarms: readonly string[];
}

/** As a server setting. The SQLSTATE stands first. */
export const logLinePrefix = '%e|%a|%p|';

const errorLine = /^([0-9A-Z]{5})\|([^|]*)\|\d+\|(ERROR|FATAL|PANIC): /;
const alarmsMax = 50;

/**
 * What killed, interrupted and timed-out statements leave, our own refusals (LS), and strangers who look for another server on a port that
 * was its own before (28P01): without its password none of our processes would get ready.
 */
const expected = [/^57P0[123]$/, /^57014$/, /^55P03$/, /^08/, /^25P0[34]$/, /^28P01$/, /^00000$/, /^LS/];

export const createServerLog = (): ServerLog => {
  const counts = new Map<string, number>();
  const alarms: string[] = [];
  let rest = '';

  const read = (line: string): void => {
    const found = errorLine.exec(line);
    if (!found) return;
    const [, code = ''] = found;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (alarms.length < alarmsMax && !expected.some((pattern) => pattern.test(code))) alarms.push(line);
  };

  return {
    write: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(read);
    },
    counts,
    alarms,
  };
};
