export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a log line may carry beside its message: names, ids, codes and counts, never a payload or a result. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

type Told = Exclude<LogLevel, 'silent'>;

export interface Log extends Record<Told, (message: string, fields?: LogFields) => void> {
  /** From now on. */
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  format: LogFormat;
  level: LogLevel;
  write(line: string): void;
}

/** One line an event: JSON in the shape of the API's own log, or text for people. */
export const createLog = ({ format, level, write }: LogOptions): Log => {
  let lowest = logLevels.indexOf(level);
  const render = format === 'json' ? renderJson : renderText;
  const at =
    (name: Told) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(name) >= lowest) write(`${render(name, message, fields)}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: (wanted) => {
      lowest = logLevels.indexOf(wanted);
    },
  };
};

const levelNumbers = { debug: 20, info: 30, warn: 40, error: 50 } as const;

const renderJson = (level: Told, message: string, fields: LogFields): string =>
  JSON.stringify({
    level: levelNumbers[level],
    time: Date.now(),
    name: 'longshore-worker',
    pid: process.pid,
    ...fields,
    msg: message,
  });

const renderText = (level: Told, message: string, fields: LogFields): string => {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const time = new Date().toISOString().slice(11, 23);
  const mark = level === 'warn' || level === 'error' ? ` ${level.toUpperCase()}` : '';
  return [`${time}${mark} ${message}`, ...told.map(([key, value]) => `${key}=${value}`)].join('  ');
};
