import { expect, test } from 'vitest';
import { storableError, storableText } from './storable-error.ts';

test('an error of any length and any text becomes one that can be stored', () => {
  const text = `\u0000\ud800${'ä'.repeat(100_000)}`;
  const stored = storableError(
    { message: text, name: text, code: text, stack: text, details: [text] },
    4_000,
  );
  expect(Buffer.byteLength(stored.message)).toBeLessThanOrEqual(1_000);
  expect(Buffer.byteLength(stored.stack!)).toBeLessThanOrEqual(2_000);
  expect(Buffer.byteLength(stored.name!)).toBeLessThanOrEqual(128);
  expect(stored.details).toBe('left out: it holds NUL or a lone surrogate');
  expect(JSON.stringify(stored)).not.toContain('\\u0000');
});

test('details that are too long are left out by word', () => {
  expect(storableError({ message: 'x', details: 'y'.repeat(99) }, 40).details).toBe(
    'left out: it has 101 bytes, and 10 are allowed',
  );
  expect(storableError({ message: 'x', details: { a: 1 } }, 40).details).toEqual({ a: 1 });
});

test('text is cut between two characters', () => {
  expect(storableText('aää', 4)).toBe('aä');
  expect(storableText('a😀', 4)).toBe('a');
});
