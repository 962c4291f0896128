import { expect, test } from 'vitest';
import { limits } from './limits.ts';
import { workerPolicy } from './worker-schemas.ts';

const issueOf = (json: string) => workerPolicy.safeParse(JSON.parse(json)).error?.issues[0];

test('a limit for the category __proto__ is refused, not left out', () => {
  expect(issueOf('{"categoryLimits":{"llm":1,"__proto__":1}}')).toMatchObject({
    path: ['categoryLimits', '__proto__'],
  });
  expect(workerPolicy.parse({ categoryLimits: { llm: 1 } })).toEqual({ categoryLimits: { llm: 1 } });
});

test('metadata is as large as what the database writes out of it', () => {
  const wide = (count: number): string => JSON.stringify({ metadata: { m: Array(count).fill(1e308) } });
  expect(issueOf(wide(54))).toMatchObject({ path: ['metadata'] });
  expect(issueOf(wide(50))).toBeUndefined();
  expect(issueOf(JSON.stringify({ metadata: { m: 'é'.repeat(limits.metadataBytesMax / 2) } }))).toMatchObject(
    {
      path: ['metadata'],
    },
  );
});
