import { expect, test } from 'vitest';
import { placeOf } from './place.ts';

const repository = new URL('../../../', import.meta.url).href;
const place = (url: string, functionName = 'work') => placeOf({ functionName, url, lineNumber: 11 });

test('a package is named without the way to it, wherever it is installed', () => {
  const installed = 'file:///elsewhere/node_modules/a/node_modules/@trpc/server/dist/index.mjs';
  expect(place(installed)).toEqual({ place: '@trpc/server/dist/index.mjs:12', group: '@trpc/server' });
  expect(place('/elsewhere/node_modules/pg/lib/client.js').group).toBe('pg');
});

test('files of ours are named from the root of the repository, each by itself', () => {
  const file = 'packages/db/src/claims.ts';
  expect(place(`${repository}${file}`)).toEqual({ place: `${file}:12`, group: file });
});

test('what belongs to Node is counted together, its fetch and its native code apart', () => {
  expect(place('node:internal/streams/readable').group).toBe('node internals');
  expect(place('node:internal/deps/undici/undici').group).toBe('node fetch (undici)');
  expect(place('', 'writev')).toEqual({ place: '', group: 'native code' });
  expect(place('', '(garbage collector)').group).toBe('(garbage collector)');
});
