import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkLibraries } from './binaries.ts';

test('libraries that an install without scripts left unlinked are linked, by whoever comes first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'link-libraries-'));
  const link = join(folder, 'native/lib/libpq.so');
  mkdirSync(join(folder, 'native/lib'), { recursive: true });
  writeFileSync(join(folder, 'native/lib/libpq.so.5.18'), 'library');
  writeFileSync(
    join(folder, 'native/pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' }]),
  );

  linkLibraries(folder);
  linkLibraries(folder);

  expect(readlinkSync(link)).toBe('libpq.so.5.18');
  expect(readFileSync(link, 'utf8')).toBe('library');
  rmSync(folder, { recursive: true });
});

test('a package without such a list needs none', () => {
  expect(() => linkLibraries('/nowhere')).not.toThrow();
});
