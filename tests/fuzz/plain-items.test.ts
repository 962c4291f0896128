import { completeInput, isPlainComplete, isPlainSubmit, submitInput, uuidV7 } from '@longshore/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const completeItem = completeInput.shape.items.element;
const odd = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
const oddText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom('', '\0', '\ud800'));
const json = fc.oneof(
  { weight: 5, arbitrary: fc.jsonValue() },
  fc.constant(1e20),
  fc.constant({ a: [{ ['__proto__']: 1 }] }),
  odd,
);
const id = fc.oneof(
  { weight: 9, arbitrary: fc.constant(null).map(() => uuidV7()) },
  fc.uuid(),
  fc.constantFrom('ffffffff-ffff-7fff-8fff-ffffffffffff', '00000000-0000-0000-0000-000000000000'),
  fc.uuid().map((text) => text.toUpperCase()),
  odd,
);
const runs = { numRuns: 5_000 };

test('a submit that passes as plain is what the schema would have made of it', () => {
  const job = fc.record(
    {
      id,
      kind: fc.oneof(oddText, { weight: 5, arbitrary: fc.constant('mail') }),
      queue: fc.oneof(oddText, { weight: 5, arbitrary: fc.constant('default') }),
      maxAttempts: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1, 3, 1_000, 1_001)),
      payload: json,
    },
    { requiredKeys: [] },
  );
  let plain = 0;
  fc.assert(
    fc.property(job, (given) => {
      if (!isPlainSubmit(given)) return;
      plain += 1;
      expect(submitInput.parse(given)).toEqual(given);
    }),
    runs,
  );
  expect(plain).toBeGreaterThan(20);
});

test('a completion that passes as plain is what the schema would have made of it', () => {
  const item = fc.record(
    { id, leaseToken: id, result: json, other: odd },
    { requiredKeys: ['id', 'leaseToken'] },
  );
  let plain = 0;
  fc.assert(
    fc.property(item, (given) => {
      if (!isPlainComplete(given)) return;
      plain += 1;
      expect(completeItem.parse(given)).toEqual(given);
    }),
    runs,
  );
  expect(plain).toBeGreaterThan(20);
});

test('what the SDK sends is plain', () => {
  expect(isPlainSubmit({ id: uuidV7(), kind: 'mail', payload: { to: 'ada' } })).toBe(true);
  expect(isPlainComplete({ id: uuidV7(), leaseToken: crypto.randomUUID(), result: null })).toBe(true);
});
