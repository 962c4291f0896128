import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Role } from '@longshore/contract';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const keyPattern = /^lsh_(?:operator|admin|submit|worker)_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** A new key: `lsh_<role>_`, 43 random base62 characters (256 bits), 6 of base62 CRC32 over all that comes before. */
export const generateApiKey = (role: Role): string => {
  const body = `lsh_${role}_${randomBase62(43)}`;
  return body + checksum(body);
};

/** True when the text has the form of a key and its checksum fits. Costs no I/O, so garbage is refused at the edge. */
export const isApiKey = (text: string): boolean =>
  keyPattern.test(text) && text.slice(-6) === checksum(text.slice(0, -6));

/** What is stored and looked up: the 32 bytes of SHA-256 over the whole key. */
export const hashApiKey = (apiKey: string): Buffer => createHash('sha256').update(apiKey, 'utf8').digest();

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
