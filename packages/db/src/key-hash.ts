import { type KeyHashEncoding, LongshoreError } from '@longshore/contract';

/**
 * The 32 bytes of a hash that somebody else made of a key. The encoding is what the caller says, never guessed, and the text
 * must be exactly what it writes: hex in small letters, base64 with its padding, base64url without.
 * Throws INVALID_INPUT; the text is not repeated, since it may be a key that was taken for a hash.
 */
export const decodeKeyHash = (text: string, encoding: KeyHashEncoding): Buffer => {
  const bytes = Buffer.from(text, encoding);
  if (bytes.length === 32 && bytes.toString(encoding) === text) return bytes;
  throw new LongshoreError('INVALID_INPUT', `this is not a hash of 32 bytes in ${encoding}`, {
    field: 'keyHash',
    hint: forms[encoding],
  });
};

const forms: Record<KeyHashEncoding, string> = {
  hex: '32 bytes are 64 of 0-9 and a-f.',
  base64: '32 bytes are 44 characters, the last of them =.',
  base64url: '32 bytes are 43 of A-Z, a-z, 0-9, - and _, without padding.',
};
