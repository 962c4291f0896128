import { parseArgs } from 'node:util';
import { LongshoreError } from '@longshore/sdk';
import { type LogFormat, type LogLevel, logFormats, logLevels } from './log.ts';

/** What one worker process is told from outside. */
export interface WorkerSettings {
  handlers: string;
  url: string;
  apiKey: string;
  concurrency: number | undefined;
  concurrencyLimits: { [category: string]: number } | undefined;
  capabilities: string[] | undefined;
  queues: string[] | undefined;
  leaseSeconds: number | undefined;
  drainSeconds: number;
  logFormat: LogFormat | undefined;
  logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

const flags = {
  handlers: { type: 'string' },
  url: { type: 'string' },
  concurrency: { type: 'string' },
  'concurrency-limits': { type: 'string' },
  capabilities: { type: 'string' },
  queues: { type: 'string' },
  'lease-seconds': { type: 'string' },
  'drain-seconds': { type: 'string' },
  'log-format': { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const helpText = `Runs a worker: claims jobs over HTTP and does them with your handlers.

Usage: longshore-worker --handlers ./my-handlers.ts [options]

  --handlers FILE        module whose exports are handlers made by defineJob(...).handler(...)
  --url URL              the API; default http://127.0.0.1:4455
  --concurrency N        handlers that run at the same time; default 10
  --concurrency-limits A=N,B=N
                         of those at most so many of a category of jobs at the same time; default: any number
  --capabilities A,B     what this machine has, such as gpu
  --queues A,B           queues to serve; default: every queue
  --lease-seconds N      silent for so long, the worker is taken for dead; default 15, at least 3
  --drain-seconds N      how long a first SIGTERM or SIGINT waits for running jobs; default 20
  --log-format F         json or text; default: text on a terminal, json elsewhere
  --log-level L          ${logLevels.join(', ')}; default info; debug tells of every job
  -h, --help

Environment: LONGSHORE_API_KEY (required: a worker's key, from \`longshore workers register\`), and for each option
a variable, such as LONGSHORE_URL or LONGSHORE_LEASE_SECONDS. An option on the command line wins.

Signals: the first SIGTERM or SIGINT claims nothing more and lets running jobs finish; what is not done in time goes
back, unspent. The second one gives all jobs back at once.

Exit codes: 0 stopped in order · 1 could not start, or the key was refused · 2 wrong usage ·
130, 143 forced by a second SIGINT or SIGTERM
`;

/** Reads the command line, then the environment. Undefined when help was asked for. Throws INVALID_INPUT. */
export const readSettings = (args: readonly string[], env: Environment): WorkerSettings | undefined => {
  const values = parseFlags(args);
  if (values.help) return undefined;
  const given = (flag: Exclude<keyof typeof flags, 'help'>): string | undefined =>
    values[flag] ?? (env[variableOf(flag)] || undefined);
  return {
    handlers: required(given('handlers'), '--handlers', 'Name the module that exports your handlers.'),
    apiKey: required(env.LONGSHORE_API_KEY, 'LONGSHORE_API_KEY', 'Make one: longshore workers register NAME'),
    url: given('url') ?? 'http://127.0.0.1:4455',
    concurrency: readNumber('concurrency', given('concurrency')),
    concurrencyLimits: readLimits(given('concurrency-limits')),
    capabilities: readList(given('capabilities')),
    queues: readList(given('queues')),
    leaseSeconds: readNumber('lease-seconds', given('lease-seconds')),
    drainSeconds: readNumber('drain-seconds', given('drain-seconds')) ?? 20,
    logFormat: readChoice('log-format', given('log-format'), logFormats),
    logLevel: readChoice('log-level', given('log-level'), logLevels) ?? 'info',
  };
};

const variableOf = (flag: string): string => `LONGSHORE_${flag.toUpperCase().replaceAll('-', '_')}`;

const parseFlags = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
};

const required = (value: string | undefined, field: string, hint: string): string => {
  if (value) return value;
  throw new LongshoreError('INVALID_INPUT', `${field} is missing.`, { field, hint });
};

const readNumber = (flag: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw usageError(`--${flag} must be a number, not ${JSON.stringify(text)}.`);
};

const readList = (text: string | undefined): string[] | undefined => {
  const items = text?.split(',').map((item) => item.trim());
  return items?.filter((item) => item !== '');
};

const readLimits = (text: string | undefined): { [category: string]: number } | undefined => {
  const limits = readList(text)?.map((item): [string, number] => {
    const equals = item.lastIndexOf('=');
    if (equals < 1)
      throw usageError(`--concurrency-limits must be like inference=5,mail=2, not ${JSON.stringify(text)}.`);
    return [item.slice(0, equals), readNumber('concurrency-limits', item.slice(equals + 1)) ?? 0];
  });
  return limits && Object.fromEntries(limits);
};

const readChoice = <Choice extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly Choice[],
): Choice | undefined => {
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice) return choice;
  throw usageError(`--${flag} must be one of ${choices.join(', ')}.`);
};

const usageError = (message: string): LongshoreError =>
  new LongshoreError('INVALID_INPUT', message, { hint: 'See longshore-worker --help.' });
