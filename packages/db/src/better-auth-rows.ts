import {
  type ApiKey,
  isStorableText,
  jsonObject,
  limits,
  type RateLimits,
  storedBytesOf,
} from '@longshore/contract';
import { decodeKeyHash } from './key-hash.ts';

/** A row of better-auth's table of API keys. Columns vary with its versions and with how its tables were made. */
export type BetterAuthRow = Record<string, unknown>;

export type SkipReason = 'disabled' | 'expired' | 'used up' | 'not a hash' | 'reserved prefix';

export interface TakenRow {
  hash: Buffer;
  name: string;
  start: string | null;
  expiresAt: Date | null;
  metadata: ApiKey['metadata'];
  rateLimits: RateLimits;
  /** What is not carried over, or not as it was. */
  notes: string[];
}

export interface JudgeOptions {
  role: 'submit' | 'worker';
  keepRateLimits: boolean;
  /** What our own keys begin with: a key that does too would be taken for one of ours. */
  ownStart: string;
  now: Date;
}

/** What of a row is taken over, or why nothing is. Nothing in the answer repeats the value that should be a hash. */
export const judgeRow = (row: BetterAuthRow, options: JudgeOptions): TakenRow | SkipReason => {
  const expiresAt = readInstant(read(row, 'expiresAt'));
  if (read(row, 'enabled') === false) return 'disabled';
  if (expiresAt !== null && expiresAt <= options.now) return 'expired';
  if (isZero(read(row, 'remaining')) && read(row, 'refillAmount') === null) return 'used up';
  if (beginsLikeOurs(row, options.ownStart)) return 'reserved prefix';
  const hash = readHash(read(row, 'key'));
  if (!hash) return 'not a hash';
  const metadata = readMetadata(read(row, 'metadata'));
  const rateLimits = options.keepRateLimits ? readRateLimits(row, options.role) : {};
  return {
    hash,
    name: readName(row),
    start: readText(read(row, 'start'))?.slice(0, 12) ?? null,
    expiresAt,
    metadata: metadata ?? {},
    rateLimits,
    notes: [
      ...(metadata ? [] : ['its metadata is no JSON object that can be kept']),
      ...(read(row, 'permissions') === null ? [] : ['its permissions are not kept: the role decides']),
      ...(read(row, 'remaining') === null ? [] : ['its number of remaining uses is not kept']),
      ...Object.entries(rateLimits).map(
        ([rateClass, perMinute]) => `${perMinute} ${rateClass} calls a minute`,
      ),
    ],
  };
};

/** Whom better-auth says the key belongs to: a user or an organization. */
export const referenceOf = (row: BetterAuthRow): string | null =>
  readText(read(row, 'referenceId') ?? read(row, 'userId'));

export const sourceIdOf = (row: BetterAuthRow): string => String(read(row, 'id') ?? '');

/** The name of a key, or something in its place. */
export const readName = (row: BetterAuthRow): string =>
  readText(read(row, 'name'))?.slice(0, limits.nameCharsMax) ??
  `better-auth ${sourceIdOf(row)}`.slice(0, limits.nameCharsMax);

/** Tables made by an ORM may write `reference_id`. A column that is not there reads as null. */
const read = (row: BetterAuthRow, column: string): unknown =>
  row[column] ?? row[column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? null;

/** A bigint comes as text. */
const isZero = (value: unknown): boolean => value !== null && Number(value) === 0;

const readText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && isStorableText(value) ? value : null;

const readInstant = (value: unknown): Date | null => {
  if (value === null) return null;
  const instant = new Date(value as Date | string | number);
  // What cannot be read must not become a key for ever.
  return Number.isNaN(instant.getTime()) ? new Date(0) : instant;
};

/** better-auth stores base64url without padding of SHA-256; without hashing, the key itself, which is refused here. */
const readHash = (value: unknown): Buffer | null => {
  try {
    return typeof value === 'string' ? decodeKeyHash(value, 'base64url') : null;
  } catch {
    return null;
  }
};

const beginsLikeOurs = (row: BetterAuthRow, ownStart: string): boolean =>
  [read(row, 'prefix'), read(row, 'start')].some(
    (text) => typeof text === 'string' && text.startsWith(ownStart),
  );

/** Null for what cannot be kept. Some versions stringified twice. */
const readMetadata = (value: unknown): ApiKey['metadata'] | null => {
  let metadata = value;
  for (let depth = 0; depth < 3 && typeof metadata === 'string'; depth++) metadata = parseOrNothing(metadata);
  // What it has no metadata for, it writes as the text `null`.
  if (metadata === null) return {};
  const parsed = jsonObject.safeParse(metadata);
  if (!parsed.success || storedBytesOf(parsed.data) > limits.metadataBytesMax) return null;
  return parsed.data;
};

const parseOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** better-auth counts every call of a key in one window; here it is what the key is for, and at least one a minute. */
const readRateLimits = (row: BetterAuthRow, role: JudgeOptions['role']): RateLimits => {
  const [calls, windowMs] = [read(row, 'rateLimitMax'), read(row, 'rateLimitTimeWindow')].map(Number) as [
    number,
    number,
  ];
  if (read(row, 'rateLimitEnabled') === false || !(calls > 0) || !(windowMs > 0)) return {};
  const perMinute = Math.min(100_000_000, Math.max(1, Math.round((calls * 60_000) / windowMs)));
  return role === 'worker' ? { claim: perMinute } : { submit: perMinute };
};
