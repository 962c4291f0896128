import { expect, test } from 'vitest';
import type { Frame } from './fold-samples.ts';
import { describePhase } from './profile-tables.ts';

const leaf = (name: string, group: string, selfUs: number): Frame => ({
  name,
  place: name === '(idle)' ? '' : `${group}/index.js:1`,
  group,
  selfUs,
  totalUs: selfUs,
  children: [],
});

test('time is told by job and as a share of the busy time, the same function in two places together', () => {
  const root: Frame = {
    ...leaf('drain', 'drain', 0),
    totalUs: 2_000,
    children: [
      leaf('(idle)', '(idle)', 1_000),
      leaf('parse', 'pg', 500),
      leaf('parse', 'pg', 250),
      leaf('check', 'zod', 250),
    ],
  };
  const text = describePhase({ process: 'api', phase: 'drain', jobs: 100, root });
  expect(text).toContain('10.0 µs a job (100 jobs); idle 50 % of 0.00 s.');
  expect(text).toContain('| pg | 7.50 | 75.0 % |\n| zod | 2.50 | 25.0 % |');
  expect(text).toContain('| `parse` | pg/index.js:1 | 7.50 | 75.0 % |');
  expect(text).not.toContain('(idle)');
});
