import type { Output } from '../output.ts';

const hidden = new Set(['level', 'time', 'pid', 'name', 'msg', 'hostname']);

/** A line of a child for people: JSON logs as time, message and fields, anything else as it is. */
export const renderLogLine = (name: string, line: string, paint: Output['paint']): string => {
  const prefix = paint('dim', `${name.padEnd(8)} │`);
  const entry = readEntry(line);
  if (!entry) return `${prefix} ${line}`;
  const fields = Object.entries(entry)
    .filter(([field]) => !hidden.has(field))
    .map(([field, value]) => `${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const time = new Date(Number(entry.time)).toISOString().slice(11, 23);
  const message = paintByLevel(Number(entry.level), String(entry.msg), paint);
  return [prefix, paint('dim', time), message, paint('dim', fields.join(' '))].join(' ').trimEnd();
};

const readEntry = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    return 'time' in entry && 'msg' in entry ? entry : undefined;
  } catch {
    return undefined;
  }
};

const paintByLevel = (level: number, message: string, paint: Output['paint']): string => {
  if (level >= 50) return paint('red', message);
  return level >= 40 ? paint('yellow', message) : message;
};
