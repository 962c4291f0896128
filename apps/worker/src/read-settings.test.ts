import { expect, test } from 'vitest';
import { readSettings } from './read-settings.ts';

const env = { LONGSHORE_API_KEY: 'key' };
const read = (...args: string[]) => readSettings(['--handlers', './h.ts', ...args], env);

test('limits by category are read from a list', () => {
  expect(read('--concurrency-limits', 'inference=5, mail=2')).toMatchObject({
    concurrencyLimits: { inference: 5, mail: 2 },
  });
  expect(read()?.concurrencyLimits).toBeUndefined();
});

test.each(['inference', 'inference=', '=5', 'inference=many'])('%j is no list of limits', (text) => {
  expect(() => read('--concurrency-limits', text)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
});
