import { uuidV7 } from '@longshore/contract';
import { createClient, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { jsonCorpus, textOfBytes } from './json-corpus.ts';

const api = useApi();
const anything = defineJob({ kind: 'anything', payload: z.any() });

describe.for(jsonCorpus)('$name', ({ json, verdict }) => {
  test('as a payload, by one and by many', async () => {
    const client = createClient({ url: api.url, apiKey: api.keys.submit });
    const payload: unknown = JSON.parse(json);
    const id = uuidV7();
    if ('value' in verdict) {
      const handle = await client.submit(anything, payload, { id });
      expect(await client.get(handle.id)).toMatchObject({ payload: verdict.value });
      return;
    }
    const refusal = await client.submit(anything, payload, { id }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'INVALID_INPUT', field: expect.stringMatching(/^payload/) });
    await expect(client.submitMany([anything.request(payload, { id })])).rejects.toMatchObject(verdict);
    await expect(client.get(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a payload that is too large fails alone', async () => {
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const [large, small] = await Promise.allSettled([
    client.submit(anything, JSON.parse(textOfBytes(1_048_577))),
    client.submit(anything, 'small'),
  ]);
  expect(large).toMatchObject({ status: 'rejected', reason: { code: 'TOO_LARGE', field: 'payload' } });
  expect(small.status).toBe('fulfilled');
});

test.for([
  ['BigInt', 1n],
  ['NaN', Number.NaN],
  ['Infinity', [Number.POSITIVE_INFINITY]],
  ['a function', { f: () => 1 }],
  ['undefined', undefined],
])('%s is refused before it is sent', async ([, payload]) => {
  const client = createClient({ url: 'http://127.0.0.1:1', apiKey: api.keys.submit });
  await expect(client.submit(anything, payload)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    field: 'payload',
  });
});
