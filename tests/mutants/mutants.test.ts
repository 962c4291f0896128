import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mutants } from './all-mutants.ts';
import { breakText, faultOf, type Mutant } from './mutant.ts';
import { copyWorkspace, workspace } from './workspace-copy.ts';

const readText = (file: string): string | undefined => {
  const path = join(workspace, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};

describe('the seeded bugs', () => {
  test('can all be made of the code as it stands', () => {
    expect(mutants.map((mutant) => faultOf(mutant, readText(mutant.file))).filter(Boolean)).toEqual([]);
  });

  test('are to be found by tests that are there', () => {
    const missing = mutants.flatMap(({ name, tests }) =>
      tests
        .filter((file) => !/^\w+\/[\w-]+\/.*\.test\.ts$/.test(file) || readText(file) === undefined)
        .map((file) => `${name}: ${file}`),
    );
    expect(missing).toEqual([]);
    expect(mutants.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  test('have names of their own, and are no fewer than they were', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(70);
  });
});

describe('a seeded bug', () => {
  const mutant: Mutant = {
    name: 'half-a-loaf',
    breaks: 'There is less.',
    file: 'a.sql',
    find: 'whole $& loaf',
    replace: 'half $& loaf',
    tests: [],
  };

  test('is put in where its text stands, and nowhere else', () => {
    expect(breakText(mutant, 'a whole $& loaf, a whole day')).toBe('a half $& loaf, a whole day');
  });

  test.for([
    ['is gone', 'no bread', 'half-a-loaf: its text is 0 times in a.sql, not once'],
    ['is there twice', 'whole $& loaf, whole $& loaf', 'half-a-loaf: its text is 2 times in a.sql, not once'],
  ] as const)('whose text %s is an error that names it', ([, text, fault]) => {
    expect(() => breakText(mutant, text)).toThrow(fault);
  });

  test('is felt by every room of the copy, and is gone afterwards', async () => {
    const copy = copyWorkspace();
    try {
      const seeded = mutants.find(({ file }) => file.startsWith('packages/sdk/'))!;
      const door = join(copy.folder, 'node_modules/@longshore/sdk', seeded.file.replace('packages/sdk/', ''));
      const whole = readFileSync(door, 'utf8');
      const broken = await copy.whileBroken(seeded, async () => readFileSync(door, 'utf8'));
      expect(broken).toBe(breakText(seeded, whole));
      expect(readFileSync(door, 'utf8')).toBe(whole);
    } finally {
      copy.remove();
    }
  });

  test('in a file that is gone is an error that names it', () => {
    expect(faultOf(mutant, undefined)).toBe('half-a-loaf: there is no a.sql');
  });
});
