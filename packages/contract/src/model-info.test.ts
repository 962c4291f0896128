import { expect, test } from 'vitest';
import { attributesOf, capabilities, namesOf } from './capabilities.ts';
import { capabilityOfModel, modelsOf } from './model-info.ts';

const sonnet = {
  modelId: 'sonnet-3.5',
  displayName: 'Sonnet',
  maxContextTokens: 200_000,
  maxOutputTokens: 8_192,
  supportsStreaming: true,
};

test('a model goes into capabilities and comes out of their attributes as it was', () => {
  const given = ['gpu', capabilityOfModel({ ...sonnet, supportsVision: undefined })];
  expect(capabilities.parse(given)).toEqual(given);
  expect(namesOf(given)).toEqual(['gpu', 'model:sonnet-3.5']);
  expect(modelsOf(attributesOf(given))).toEqual([sonnet]);
});

test('what is called a model and not described as one is no model', () => {
  expect(modelsOf({ 'model:x': { modelId: 'y' }, 'model:other': sonnet, gpu: sonnet })).toEqual([]);
});

test('what a later version says of a model besides is passed over', () => {
  const later = { ...sonnet, supportsAudio: true };
  expect(modelsOf({ 'model:sonnet-3.5': later })).toEqual([sonnet]);
});

test.each([
  ['a name that is empty', [{ name: '', attributes: {} }]],
  ['attributes that are no object', [{ name: 'gpu', attributes: [] }]],
  [
    'a number that PostgreSQL would write out to more than 16 KiB',
    [{ name: 'gpu', attributes: { many: Array(60).fill(1e308) } }],
  ],
])('%s is refused', (_, given) => {
  expect(capabilities.safeParse(given).success).toBe(false);
});
