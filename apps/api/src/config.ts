import { ceilings, defaults, LongshoreError, limits, type RateLimits } from '@longshore/contract';
import { z } from 'zod';
import { isProxyAddress, requireProtection } from './hardening/exposure.ts';
import type { SizeLimits } from './json-size.ts';

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
  /** PEM files to serve HTTPS from; null serves HTTP. */
  tls: { certFile: string; keyFile: string } | null;
  /** Addresses and CIDRs whose `X-Forwarded-*` headers are believed; empty believes nobody's. */
  trustedProxies: string[];
  logLevel: (typeof logLevels)[number];
  poolSize: number;
  sizes: SizeLimits;
  /** For keys without limits of their own; a class that is left out has none. */
  rateLimits: RateLimits;
  bodyBytesMax: number;
  /** What the keys made here begin with. */
  keyPrefix: string;
  /** Path of a module with the hash function for keys; null for SHA-256. */
  keyHashModule: string | null;
  /** Whether keys that were made elsewhere are looked up. */
  areImportedKeysTaken: boolean;
  /** Wrong keys that one network may try a minute; 0 for any number. */
  failedAuthPerMinute: number;
  /** How often parked claims look for jobs that no wake-up announced. */
  sweepSeconds: number;
  /** How long finished jobs are kept. */
  keepDays: number;
  /** How long a running job has to stop, once it is cancelled, before its lease is taken. */
  cancelGraceSeconds: number;
  /** Streams of events that this process sends at most, and to one key among them. */
  streamsMax: number;
  streamsPerKeyMax: number;
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
  requireProtection(data);
  const sizes = readSizes(data);
  const listenUrl = data.LONGSHORE_LISTEN_DATABASE_URL ?? data.DATABASE_URL;
  return {
    databaseUrl: data.DATABASE_URL,
    listenDatabaseUrl: listenUrl === 'off' ? null : listenUrl,
    host: data.LONGSHORE_HOST,
    port: data.LONGSHORE_PORT,
    tls: readTls(data),
    trustedProxies: data.LONGSHORE_TRUSTED_PROXIES ?? [],
    logLevel: data.LONGSHORE_LOG_LEVEL,
    poolSize: data.LONGSHORE_POOL_SIZE,
    sizes,
    rateLimits: readRateLimits(data),
    bodyBytesMax: data.LONGSHORE_BODY_BYTES_MAX ?? defaultBodyBytesMax(sizes),
    keyPrefix: data.LONGSHORE_KEY_PREFIX,
    keyHashModule: data.LONGSHORE_KEY_HASH_MODULE ?? null,
    areImportedKeysTaken: data.LONGSHORE_IMPORTED_KEYS === 'on',
    failedAuthPerMinute: data.LONGSHORE_FAILED_AUTH_PER_MINUTE,
    // Where no notice comes, the sweep alone tells of what other processes stored.
    sweepSeconds: data.LONGSHORE_SWEEP_SECONDS ?? (listenUrl === 'off' ? 2.5 : 5),
    keepDays: data.LONGSHORE_KEEP_DAYS,
    cancelGraceSeconds: data.LONGSHORE_CANCEL_GRACE_SECONDS,
    streamsMax: data.LONGSHORE_STREAMS_MAX,
    streamsPerKeyMax: data.LONGSHORE_STREAMS_PER_KEY_MAX,
    closeSeconds: data.LONGSHORE_CLOSE_SECONDS,
  };
};

const readSizes = (data: Variables): SizeLimits => ({
  payloadBytesMax: data.LONGSHORE_PAYLOAD_BYTES_MAX,
  resultBytesMax: data.LONGSHORE_RESULT_BYTES_MAX,
  progressBytesMax: data.LONGSHORE_PROGRESS_BYTES_MAX,
  outputLineBytesMax: data.LONGSHORE_OUTPUT_LINE_BYTES_MAX,
  errorBytesMax: data.LONGSHORE_ERROR_BYTES_MAX,
  metadataBytesMax: data.LONGSHORE_METADATA_BYTES_MAX,
  tagsMax: data.LONGSHORE_TAGS_MAX,
  tagCharsMax: data.LONGSHORE_TAG_CHARS_MAX,
});

/** Whatever is allowed by itself must fit into a body. */
const defaultBodyBytesMax = ({ payloadBytesMax, metadataBytesMax, resultBytesMax }: SizeLimits): number =>
  Math.max(8 * mebibyte, payloadBytesMax + metadataBytesMax, resultBytesMax) + bodySlackBytes;

const readTls = (data: Variables): ApiConfig['tls'] => {
  const { LONGSHORE_TLS_CERT_FILE: certFile, LONGSHORE_TLS_KEY_FILE: keyFile } = data;
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : null;
};

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

const size = (name: keyof SizeLimits) => wholeNumber(1, ceilings[name]).default(limits[name]);

const proxiesAllowed = 'addresses and CIDRs with commas between them, such as 10.0.0.0/8,::1, or none';
const trustedProxies = z
  .string()
  .transform((text) => (text === 'none' ? [] : text.split(',').map((entry) => entry.trim())))
  .refine((entries) => entries.every(isProxyAddress), proxiesAllowed);

const urlAllowed = 'a URL like postgres://user:password@host:5432/database';
const databaseUrl = z.string(urlAllowed).regex(/^postgres(ql)?:\/\/\S+$/, urlAllowed);
const hostAllowed = 'a host name or an address to listen on';

/** 0 for no limit. */
const rate = wholeNumber(0, 100_000_000).default(0);

const variables = z.object({
  DATABASE_URL: databaseUrl,
  LONGSHORE_LISTEN_DATABASE_URL: z.union([z.literal('off'), databaseUrl], `${urlAllowed}, or off`).optional(),
  LONGSHORE_HOST: z
    .string()
    .regex(/^\S{1,255}$/, hostAllowed)
    .default('127.0.0.1'),
  LONGSHORE_PORT: wholeNumber(0, 65_535).default(4455),
  LONGSHORE_TLS_CERT_FILE: z.string().optional(),
  LONGSHORE_TLS_KEY_FILE: z.string().optional(),
  LONGSHORE_TRUSTED_PROXIES: trustedProxies.optional(),
  LONGSHORE_LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(', ')}`).default('info'),
  LONGSHORE_POOL_SIZE: wholeNumber(2, 1_000).default(10),
  LONGSHORE_PAYLOAD_BYTES_MAX: size('payloadBytesMax'),
  LONGSHORE_RESULT_BYTES_MAX: size('resultBytesMax'),
  LONGSHORE_PROGRESS_BYTES_MAX: size('progressBytesMax'),
  LONGSHORE_OUTPUT_LINE_BYTES_MAX: size('outputLineBytesMax'),
  LONGSHORE_ERROR_BYTES_MAX: size('errorBytesMax'),
  LONGSHORE_METADATA_BYTES_MAX: size('metadataBytesMax'),
  LONGSHORE_TAGS_MAX: size('tagsMax'),
  LONGSHORE_TAG_CHARS_MAX: size('tagCharsMax'),
  LONGSHORE_BODY_BYTES_MAX: wholeNumber(1_024, 512 * mebibyte).optional(),
  LONGSHORE_RATE_SUBMIT_PER_MINUTE: rate,
  LONGSHORE_RATE_READ_PER_MINUTE: rate,
  LONGSHORE_RATE_MANAGE_PER_MINUTE: rate,
  LONGSHORE_RATE_CLAIM_PER_MINUTE: rate,
  LONGSHORE_RATE_LEASE_PER_MINUTE: rate,
  LONGSHORE_KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9]{2,16}$/, '2 to 16 of a-z and 0-9')
    .default('lsh'),
  LONGSHORE_KEY_HASH_MODULE: z.string().optional(),
  LONGSHORE_IMPORTED_KEYS: z.enum(['on', 'off'], 'on or off').default('on'),
  LONGSHORE_FAILED_AUTH_PER_MINUTE: wholeNumber(0, 1_000_000).default(20),
  LONGSHORE_SWEEP_SECONDS: positiveSeconds(3_600).optional(),
  LONGSHORE_KEEP_DAYS: wholeNumber(1, 36_500).default(30),
  LONGSHORE_CANCEL_GRACE_SECONDS: positiveSeconds(86_400).default(defaults.cancelGraceSeconds),
  LONGSHORE_STREAMS_MAX: wholeNumber(1, 1_000_000).default(5_000),
  LONGSHORE_STREAMS_PER_KEY_MAX: wholeNumber(1, 1_000_000).default(2_500),
  LONGSHORE_CLOSE_SECONDS: positiveSeconds(3_600).default(10),
});
type Variables = z.output<typeof variables>;

const readRateLimits = (data: Variables): RateLimits => {
  const given = {
    submit: data.LONGSHORE_RATE_SUBMIT_PER_MINUTE,
    read: data.LONGSHORE_RATE_READ_PER_MINUTE,
    manage: data.LONGSHORE_RATE_MANAGE_PER_MINUTE,
    claim: data.LONGSHORE_RATE_CLAIM_PER_MINUTE,
    lease: data.LONGSHORE_RATE_LEASE_PER_MINUTE,
  };
  return Object.fromEntries(Object.entries(given).filter(([, perMinute]) => perMinute > 0));
};

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
