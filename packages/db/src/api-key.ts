import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { LongshoreError, type Role, roles } from '@longshore/contract';

/** From the whole text of a key to 32 bytes, the same each time. */
export type KeyHash = (key: string) => Uint8Array;

export interface KeyFormatOptions {
  /** What our keys begin with, before `_<role>_`: 2 to 16 of a-z and 0-9. Default `lsh`. */
  prefix?: string | undefined;
  /** Default SHA-256 over the UTF-8 of the whole key. */
  hash?: KeyHash | undefined;
}

/** How the keys of a deployment look, and what of them is stored. */
export interface KeyFormat {
  readonly prefix: string;
  /** A new key: `<prefix>_<role>_`, 43 random base62 characters (256 bits), 6 of base62 CRC32 over all that comes before. */
  generate(role: Role): string;
  /** Begins as our keys do, so that it is one of them or nothing. */
  isOurs(text: string): boolean;
  /** Has the form of a key of ours, and its checksum fits. Costs no I/O, so garbage is refused at the edge. */
  isWellFormed(text: string): boolean;
  /** The 32 bytes that are stored and looked up. Throws INTERNAL when the deployment's own function gives anything else. */
  hash(text: string): Buffer;
}

/** Throws INVALID_INPUT for a prefix that is not allowed, and for a hash function that does not answer 32 bytes. */
export const createKeyFormat = ({ prefix = 'lsh', hash = sha256 }: KeyFormatOptions = {}): KeyFormat => {
  requirePrefix(prefix);
  requireHash(hash);
  const pattern = new RegExp(`^${prefix}_(?:${roles.join('|')})_[0-9A-Za-z]{49}$`);
  const start = `${prefix}_`;
  return {
    prefix,
    generate: (role) => {
      const body = `${prefix}_${role}_${randomBase62(43)}`;
      return body + checksum(body);
    },
    isOurs: (text) => text.startsWith(start),
    isWellFormed: (text) => pattern.test(text) && text.slice(-6) === checksum(text.slice(0, -6)),
    hash: (text) => {
      const bytes = hash(text);
      if (isHash(bytes)) return Buffer.from(bytes);
      throw new LongshoreError('INTERNAL', 'the hash function for keys did not answer 32 bytes');
    },
  };
};

const sha256: KeyHash = (key) => createHash('sha256').update(key, 'utf8').digest();

const requirePrefix = (prefix: string): void => {
  if (/^[a-z0-9]{2,16}$/.test(prefix)) return;
  throw new LongshoreError('INVALID_INPUT', 'a key prefix must be 2 to 16 of a-z and 0-9', {
    field: 'LONGSHORE_KEY_PREFIX',
  });
};

/** A function with a salt of its own for each call would lock everybody out, and a constant would let everybody in. */
const requireHash = (hash: KeyHash): void => {
  const [first, again, other] = [hash('longshore'), hash('longshore'), hash('Longshore')];
  const isSound = [first, again, other].every(isHash) && isSame(first, again) && !isSame(first, other);
  if (isSound) return;
  throw new LongshoreError('INVALID_INPUT', 'the hash function for keys must answer 32 bytes for each key', {
    field: 'LONGSHORE_KEY_HASH_MODULE',
    hint: 'It is called with the key and answers a Uint8Array, at once, the same for the same key and no other.',
  });
};

const isHash = (bytes: unknown): bytes is Uint8Array => bytes instanceof Uint8Array && bytes.length === 32;

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes of 248 and above are thrown away, so that every character is equally likely (4 * 62 = 248). */
const randomBase62 = (length: number): string => {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += base62[byte % 62];
    }
  }
  return text;
};

const checksum = (text: string): string => {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < 6; place++) {
    digits = base62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
};
