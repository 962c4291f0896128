import { LongshoreError, limits } from '@longshore/contract';
import { z } from 'zod';

const mebibyte = 1_048_576;
/** What a body carries beside its payloads: keys, options, quotes. */
const bodySlackBytes = 65_536;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything a process of the API can be told from outside. Sizes are bytes, durations seconds. */
export interface ApiConfig {
  databaseUrl: string;
  /** Where to LISTEN: a direct connection, not through a pooler. Null means: poll only. */
  listenDatabaseUrl: string | null;
  host: string;
  /** 0 takes any free port. */
  port: number;
  logLevel: (typeof logLevels)[number];
  poolSize: number;
  payloadBytesMax: number;
  resultBytesMax: number;
  bodyBytesMax: number;
  /** How often parked claims look for jobs that no wake-up announced. */
  sweepSeconds: number;
  /** How long finished jobs are kept. */
  keepDays: number;
  /** How long a graceful close waits for answers under way. */
  closeSeconds: number;
}

/**
 * Reads the configuration once. An empty variable counts as not set.
 * Throws one LongshoreError INVALID_INPUT that names every bad variable, what was found and what is allowed.
 */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): ApiConfig => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = variables.safeParse(given);
  if (!read.success) throw refusal(given, read.error);
  const { data } = read;
  const listenUrl = data.LONGSHORE_LISTEN_DATABASE_URL ?? data.DATABASE_URL;
  return {
    databaseUrl: data.DATABASE_URL,
    listenDatabaseUrl: listenUrl === 'off' ? null : listenUrl,
    host: data.LONGSHORE_HOST,
    port: data.LONGSHORE_PORT,
    logLevel: data.LONGSHORE_LOG_LEVEL,
    poolSize: data.LONGSHORE_POOL_SIZE,
    payloadBytesMax: data.LONGSHORE_PAYLOAD_BYTES_MAX,
    resultBytesMax: data.LONGSHORE_RESULT_BYTES_MAX,
    bodyBytesMax: data.LONGSHORE_BODY_BYTES_MAX ?? defaultBodyBytesMax(data),
    sweepSeconds: data.LONGSHORE_SWEEP_SECONDS,
    keepDays: data.LONGSHORE_KEEP_DAYS,
    closeSeconds: data.LONGSHORE_CLOSE_SECONDS,
  };
};

const defaultBodyBytesMax = (sizes: {
  LONGSHORE_PAYLOAD_BYTES_MAX: number;
  LONGSHORE_RESULT_BYTES_MAX: number;
}): number =>
  Math.max(8 * mebibyte, sizes.LONGSHORE_PAYLOAD_BYTES_MAX, sizes.LONGSHORE_RESULT_BYTES_MAX) +
  bodySlackBytes;

const wholeNumber = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, allowed)
    .transform(Number)
    .refine((value) => value >= min && value <= max, allowed);
};

const positiveSeconds = (max: number) => {
  const allowed = `seconds, more than 0 and at most ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, allowed)
    .transform(Number)
    .refine((value) => value > 0 && value <= max, allowed);
};

const urlAllowed = 'a URL like postgres://user:password@host:5432/database';
const databaseUrl = z.string(urlAllowed).regex(/^postgres(ql)?:\/\/\S+$/, urlAllowed);
const hostAllowed = 'a host name or an address to listen on';

const variables = z.object({
  DATABASE_URL: databaseUrl,
  LONGSHORE_LISTEN_DATABASE_URL: z.union([z.literal('off'), databaseUrl], `${urlAllowed}, or off`).optional(),
  LONGSHORE_HOST: z
    .string()
    .regex(/^\S{1,255}$/, hostAllowed)
    .default('127.0.0.1'),
  LONGSHORE_PORT: wholeNumber(0, 65_535).default(4455),
  LONGSHORE_LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(', ')}`).default('info'),
  LONGSHORE_POOL_SIZE: wholeNumber(2, 1_000).default(10),
  LONGSHORE_PAYLOAD_BYTES_MAX: wholeNumber(1, 256 * mebibyte).default(limits.payloadBytesMax),
  LONGSHORE_RESULT_BYTES_MAX: wholeNumber(1, 256 * mebibyte).default(limits.resultBytesMax),
  LONGSHORE_BODY_BYTES_MAX: wholeNumber(1_024, 512 * mebibyte).optional(),
  LONGSHORE_SWEEP_SECONDS: positiveSeconds(3_600).default(5),
  LONGSHORE_KEEP_DAYS: wholeNumber(1, 36_500).default(30),
  LONGSHORE_CLOSE_SECONDS: positiveSeconds(3_600).default(10),
});

const refusal = (given: Readonly<Record<string, string | undefined>>, error: z.ZodError): LongshoreError => {
  const faults = new Map<string, string>();
  for (const { path, message } of error.issues) {
    const variable = String(path[0]);
    if (!faults.has(variable)) {
      faults.set(variable, `${variable} is ${describeFound(variable, given[variable])}; allowed: ${message}`);
    }
  }
  const [firstVariable] = faults.keys();
  return new LongshoreError('INVALID_INPUT', [...faults.values()].join('\n'), { field: firstVariable });
};

/** A database URL may hold a password, so of those only the scheme is shown. */
const describeFound = (variable: string, found: string | undefined): string => {
  if (found === undefined) return 'not set';
  if (!variable.endsWith('DATABASE_URL')) return JSON.stringify(found.slice(0, 100));
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:/i.exec(found)?.[0];
  return scheme ? `a URL that starts with "${scheme}"` : 'not a URL';
};
