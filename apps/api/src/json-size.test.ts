import { ceilings, limits } from '@longshore/contract';
import { expect, test } from 'vitest';
import { checkSizes, type SizeLimits } from './json-size.ts';

const sizes: SizeLimits = {
  payloadBytesMax: 20,
  resultBytesMax: 20,
  progressBytesMax: 20,
  errorBytesMax: 20,
  metadataBytesMax: 20,
  outputLineBytesMax: 20,
  tagsMax: 2,
  tagCharsMax: 5,
};
const tooLong = 'x'.repeat(21);

test('what is over its limit is TOO_LARGE, by field, with what was found and what is allowed', () => {
  const cases = [
    [{ payload: tooLong }, 'jobs[3].payload', '23 bytes; 20'],
    [{ result: { a: tooLong } }, 'jobs[3].result', '29 bytes; 20'],
    [{ metadata: { a: tooLong } }, 'jobs[3].metadata', '29 bytes; 20'],
    [{ progress: tooLong }, 'jobs[3].progress', '23 bytes; 20'],
    [{ output: [{ text: 'ok' }, { text: tooLong }] }, 'jobs[3].output[1].text', '21 bytes; 20'],
    [{ tags: ['a', 'b', 'c'] }, 'jobs[3].tags', '3 tags; 2'],
    [{ tags: ['a', 'sixsix'] }, 'jobs[3].tags[1]', '6 characters; 5'],
  ] as const;
  for (const [item, field, numbers] of cases) {
    expect(() => checkSizes(item, 'jobs[3]', sizes), field).toThrow(
      expect.objectContaining({
        code: 'TOO_LARGE',
        field,
        message: `${field} has ${numbers} are allowed`,
        hint: expect.any(String),
      }),
    );
  }
});

test('sizes count bytes, not characters', () => {
  expect(() => checkSizes({ payload: 'ä'.repeat(9) }, '', sizes)).not.toThrow();
  expect(() => checkSizes({ payload: 'ä'.repeat(10) }, '', sizes)).toThrow('payload has 22 bytes');
});

test('a line counts as it is stored, not as JSON writes it: the SDK cuts lines to the byte', () => {
  expect(() => checkSizes({ output: [{ text: '"'.repeat(20) }] }, '', sizes)).not.toThrow();
});

test('no default is above its ceiling', () => {
  for (const name of Object.keys(ceilings) as (keyof typeof ceilings)[]) {
    expect(limits[name], name).toBeLessThanOrEqual(ceilings[name]);
  }
});
