import { createHash } from 'node:crypto';
import { keyHashEncodings } from '@longshore/contract';
import { expect, test } from 'vitest';
import { decodeKeyHash } from './key-hash.ts';

const hash = createHash('sha256').update('abc').digest();

test.for(keyHashEncodings)('a hash in %s is read as its 32 bytes', (encoding) => {
  expect(decodeKeyHash(hash.toString(encoding), encoding)).toEqual(hash);
});

test('a hash is read by the encoding that is named and by no other', () => {
  for (const written of keyHashEncodings) {
    for (const named of keyHashEncodings.filter((encoding) => encoding !== written)) {
      expect(() => decodeKeyHash(hash.toString(written), named), `${written} as ${named}`).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', field: 'keyHash' }),
      );
    }
  }
});

const [hex, base64, base64url] = keyHashEncodings.map((encoding) => hash.toString(encoding)) as [
  string,
  string,
  string,
];

test.for([
  ['hex', ''],
  ['hex', hex.toUpperCase()],
  ['hex', hex.slice(2)],
  ['hex', `${hex}00`],
  ['hex', `0x${hex}`],
  ['hex', `${hex} `],
  ['hex', `${hex.slice(0, -1)}g`],
  ['base64', base64.slice(0, -1)],
  ['base64', `${base64}=`],
  ['base64', ` ${base64}`],
  ['base64url', `${base64url}=`],
  ['base64url', `${base64url}\n`],
  // The last character of 43 holds two bits that no byte uses; this one sets them.
  ['base64url', `${base64url.slice(0, -1)}1`],
  ['base64url', 'a'.repeat(64)],
] as const)('in %s %j is no hash, and the refusal does not repeat it', ([encoding, text]) => {
  try {
    decodeKeyHash(text, encoding);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field: 'keyHash' });
    if (text.length > 8) expect(String(error)).not.toContain(text.trim());
  }
});
