import { expect, test } from 'vitest';
import { generateApiKey, hashApiKey, isApiKey } from './api-key.ts';

const roles = ['operator', 'admin', 'submit', 'worker'] as const;

test.for(roles)('a new key of role %s says so, and passes its own checksum', (role) => {
  const key = generateApiKey(role);
  expect(key).toMatch(new RegExp(`^lsh_${role}_[0-9A-Za-z]{49}$`));
  expect(isApiKey(key)).toBe(true);
});

test('keys differ', () => {
  const keys = Array.from({ length: 1_000 }, () => generateApiKey('submit'));
  expect(new Set(keys).size).toBe(1_000);
});

test('one changed character anywhere breaks the checksum', () => {
  const key = generateApiKey('admin');
  for (let place = 0; place < key.length; place++) {
    const other = key[place] === 'x' ? 'y' : 'x';
    expect(isApiKey(key.slice(0, place) + other + key.slice(place + 1))).toBe(false);
  }
});

test('a key of another role, cut, lengthened or padded is none', () => {
  const key = generateApiKey('worker');
  const body = key.slice('lsh_worker_'.length);
  for (const text of [
    '',
    'lsh_',
    `lsh_admin_${body}`,
    `lsh_root_${body}`,
    key.slice(1),
    `${key}0`,
    ` ${key}`,
    `${key}\n`,
  ])
    expect(isApiKey(text)).toBe(false);
});

/** CRC-32 (ISO-HDLC) of "lsh_submit_" and 43 zeros, in six digits of base 62; computed apart with zlib.crc32 of Python. */
test('the checksum is CRC-32 in base 62, digits before capitals before small letters', () => {
  expect(isApiKey(`lsh_submit_${'0'.repeat(43)}2OI4n9`)).toBe(true);
});

test('the hash is SHA-256 over the UTF-8 of the whole key', () => {
  expect(hashApiKey('abc').toString('base64url')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  expect(hashApiKey('é').toString('hex')).toBe(
    '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c',
  );
});

test('keys of 43, 44 and 64 characters are hashed like any other, never taken for a hash', () => {
  for (const length of [43, 44, 64]) {
    const key = 'a'.repeat(length);
    expect(hashApiKey(key)).toHaveLength(32);
    expect(hashApiKey(key).toString('hex')).not.toBe(key);
    expect(isApiKey(key)).toBe(false);
  }
});
