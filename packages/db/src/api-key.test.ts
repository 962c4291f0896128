import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeyFormat } from './api-key.ts';

const roles = ['operator', 'admin', 'submit', 'worker'] as const;
const format = createKeyFormat();

test.for(roles)('a new key of role %s says so, and passes its own checksum', (role) => {
  const key = format.generate(role);
  expect(key).toMatch(new RegExp(`^lsh_${role}_[0-9A-Za-z]{49}$`));
  expect(format.isWellFormed(key)).toBe(true);
  expect(format.isOurs(key)).toBe(true);
});

test('keys differ', () => {
  const keys = Array.from({ length: 1_000 }, () => format.generate('submit'));
  expect(new Set(keys).size).toBe(1_000);
});

test('one changed character anywhere breaks the checksum', () => {
  const key = format.generate('admin');
  for (let place = 0; place < key.length; place++) {
    const other = key[place] === 'x' ? 'y' : 'x';
    expect(format.isWellFormed(key.slice(0, place) + other + key.slice(place + 1))).toBe(false);
  }
});

test('a key of another role, cut, lengthened or padded is none', () => {
  const key = format.generate('worker');
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
    expect(format.isWellFormed(text)).toBe(false);
});

/** CRC-32 (ISO-HDLC) of "lsh_submit_" and 43 zeros, in six digits of base 62; computed apart with zlib.crc32 of Python. */
test('the checksum is CRC-32 in base 62, digits before capitals before small letters', () => {
  expect(format.isWellFormed(`lsh_submit_${'0'.repeat(43)}2OI4n9`)).toBe(true);
});

test('the hash is SHA-256 over the UTF-8 of the whole key', () => {
  expect(format.hash('abc').toString('base64url')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  expect(format.hash(`sk_live_${'a'.repeat(64)}`).toString('base64url')).toBe(
    '7parl7T8bEz2cxdiuzkPFcZoWRZw60HUvnux5HG9qmU',
  );
  expect(format.hash('é').toString('hex')).toBe(
    '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c',
  );
});

test('B-36: keys of 43, 44 and 64 characters are hashed like any other, never taken for a hash', () => {
  for (const length of [43, 44, 64]) {
    const key = 'a'.repeat(length);
    expect(format.hash(key)).toHaveLength(32);
    expect(format.hash(key).toString('hex')).not.toBe(key);
    expect(format.isWellFormed(key)).toBe(false);
  }
});

test('another prefix makes other keys, and knows only those for its own', () => {
  const acme = createKeyFormat({ prefix: 'acme2' });
  const key = acme.generate('worker');
  expect(key).toMatch(/^acme2_worker_/);
  expect([acme.isOurs(key), acme.isWellFormed(key)]).toEqual([true, true]);
  expect([format.isOurs(key), format.isWellFormed(key)]).toEqual([false, false]);
  expect(acme.isOurs(format.generate('worker'))).toBe(false);
});

test.for(['', 'a', 'Acme', 'a_b', 'a-b', 'a.b', 'a'.repeat(17), '(a)'])(
  '%j is refused as a prefix',
  (prefix) => {
    expect(() => createKeyFormat({ prefix })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  },
);

test('a hash function of the deployment is the one that is used', () => {
  const hash = (key: string) => createHmac('sha256', 'pepper').update(key).digest();
  expect(createKeyFormat({ hash }).hash('abc')).toEqual(hash('abc'));
});

test('a hash function that is none is refused at once', () => {
  let calls = 0;
  const unfit = {
    short: () => new Uint8Array(31),
    long: () => new Uint8Array(64),
    text: () => 'a'.repeat(32) as unknown as Uint8Array,
    nothing: () => undefined as unknown as Uint8Array,
    late: async () => new Uint8Array(32),
    constant: () => new Uint8Array(32),
    salted: () => new Uint8Array(32).fill(calls++),
  };
  for (const [name, hash] of Object.entries(unfit)) {
    expect(() => createKeyFormat({ hash: hash as () => Uint8Array }), name).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  }
});

test('a hash function that fails one key stores and finds nothing for it', () => {
  const hash = (key: string) => new Uint8Array(key === 'odd' ? 33 : 32).fill(key.charCodeAt(0));
  const odd = createKeyFormat({ hash });
  expect(() => odd.hash('odd')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
