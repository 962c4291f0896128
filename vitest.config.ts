import { defineConfig } from 'vitest/config';

const rooms = [
  'packages/contract',
  'packages/db',
  'packages/sdk',
  'packages/local-postgres',
  'packages/test-kit',
];
const apps = ['apps/api', 'apps/worker', 'apps/cli'];
const crossRoomSuites = [
  'tests/conformance',
  'tests/races',
  'tests/plans',
  'tests/end-to-end',
  'tests/docs',
  'tests/attack',
  'tests/fuzz',
  'tests/model',
  'tests/chaos',
  'tests/mutants',
  'tests/bugs',
  'tests/pooler',
  'tests/upgrades',
  'tests/live',
  'tests/frames',
];

/** Kills and stops processes, and wants the machine for itself: after everybody else, one file at a time. */
const chaos = { maxWorkers: 1, sequence: { groupOrder: 1 } };

/** A project a folder, named for its last part: `vitest run --project conformance`. */
const projectOf = (folder: string) => ({
  extends: true as const,
  test: {
    name: folder.split('/').at(-1)!,
    include: [`${folder}/**/*.test.ts`],
    ...(folder === 'tests/chaos' && chaos),
  },
});

export default defineConfig({
  test: {
    projects: [...rooms, ...apps, ...crossRoomSuites, 'bench', 'scripts'].map(projectOf),
    globalSetup: ['packages/test-kit/src/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: process.env.CI ? ['default', './packages/test-kit/src/ci-reporter.ts'] : ['default'],
  },
});
