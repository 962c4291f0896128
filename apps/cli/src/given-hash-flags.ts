import { type KeyHashEncoding, keyHashEncodings, LongshoreError } from '@longshore/contract';
import type { OptionSpecs, ValuesOf } from './command.ts';
import { readChoice } from './read-values.ts';

/** For a key that was made elsewhere. */
export const givenHashFlags = {
  'key-hash': {
    type: 'string',
    value: 'HASH',
    help: 'take a key that was made elsewhere, by its hash of 32 bytes',
  },
  encoding: { type: 'string', value: 'NAME', help: 'how the hash is written: hex, base64 or base64url' },
  'key-start': {
    type: 'string',
    value: 'TEXT',
    help: 'first characters of that key, for people; 12 at most',
  },
} as const satisfies OptionSpecs;

export interface GivenHash {
  keyHash: string;
  encoding: KeyHashEncoding;
  keyStart?: string;
}

/** Undefined when no hash is given. Throws INVALID_INPUT for one without its encoding: it is never guessed. */
export const readGivenHash = (values: ValuesOf<typeof givenHashFlags>): GivenHash | undefined => {
  const { 'key-hash': keyHash, encoding, 'key-start': keyStart } = values;
  if (keyHash === undefined) {
    if (encoding === undefined && keyStart === undefined) return undefined;
    throw new LongshoreError('INVALID_INPUT', '--encoding and --key-start go with --key-hash.');
  }
  return {
    keyHash,
    encoding: readChoice('encoding', encoding ?? '', keyHashEncodings),
    ...(keyStart !== undefined && { keyStart }),
  };
};
