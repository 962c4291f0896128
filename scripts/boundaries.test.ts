import { expect, test } from 'vitest';
import { findViolations } from './boundaries.ts';

const rulesOf = (path: string, text: string): string[] =>
  findViolations([{ path, text }]).map(({ rule }) => rule);

test('only the database room imports a driver', () => {
  expect(rulesOf('packages/db/src/connect.ts', `import pg from 'pg';`)).toEqual([]);
  expect(rulesOf('packages/sdk/src/submit-in.test.ts', `import pg from 'pg';`)).toEqual([]);
  expect(rulesOf('apps/api/src/app.ts', `import pg from 'pg';`)).toEqual(['imports pg']);
  expect(rulesOf('apps/cli/src/main.ts', `const { sql } = await import('kysely');`)).toEqual([
    'imports kysely',
  ]);
});

test('imports follow the arrows, and a type arrow carries types alone', () => {
  expect(rulesOf('apps/api/src/app.ts', `import { connect } from '@longshore/db';`)).toEqual([]);
  expect(rulesOf('packages/contract/src/job.ts', `export { connect } from '@longshore/db';`)).toHaveLength(1);
  expect(rulesOf('packages/sdk/src/client.ts', `import type { AppRouter } from '@longshore/api';`)).toEqual(
    [],
  );
  expect(rulesOf('packages/sdk/src/client.ts', `import { type AppRouter } from '@longshore/api';`)).toEqual([
    'sdk may import types alone from api',
  ]);
});

test('test files of every room may use the test kit, other files may not', () => {
  const text = `import { useDatabase } from '@longshore/test-kit';`;
  expect(rulesOf('packages/db/src/reads.test.ts', text)).toEqual([]);
  expect(rulesOf('packages/db/src/reads.ts', text)).toEqual(['db may not import test-kit']);
});

test('a room is entered by its door', () => {
  expect(rulesOf('apps/api/src/app.ts', `import { x } from '@longshore/db/src/x.ts';`)).toHaveLength(1);
  expect(rulesOf('apps/api/src/app.ts', `import { x } from '../../../packages/db/src/x.ts';`)).toEqual([
    'reaches out of its room to packages/db/src/x.ts',
  ]);
  expect(rulesOf('apps/api/src/trpc/claim.ts', `import { x } from '../app.ts';`)).toEqual([]);
});

test('SQL stays in the database room', () => {
  const text =
    "const jobs = query(`\n  select id\n  from longshore.jobs\n`);\nconst hint = 'select a queue';";
  expect(rulesOf('packages/db/src/reads.ts', text)).toEqual([]);
  expect(rulesOf('packages/sdk/src/submit-in.ts', text)).toEqual([]);
  expect(rulesOf('apps/api/src/app.ts', text)).toEqual(['SQL outside packages/db']);
  expect(rulesOf('apps/api/src/app.ts', `// 'select id from jobs'`)).toEqual([]);
});

test('a violation names its line, and a long file its length', () => {
  const [violation] = findViolations([
    { path: 'apps/api/src/app.ts', text: `import a from 'a';\nimport pg from 'pg';` },
  ]);
  expect(violation).toMatchObject({ path: 'apps/api/src/app.ts', line: 2 });
  expect(rulesOf('migrations/0001_core.sql', 'select 1;\n'.repeat(301))).toEqual([
    '301 lines, at most 300 allowed',
  ]);
});
