import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const releases = fileURLToPath(new URL('./releases/', import.meta.url));

/** What runs of a release: its API, its SDK, its schema. The tests of it are left out. */
const rooms = ['packages/contract', 'packages/db', 'packages/sdk', 'apps/api'];

/** The code of a release, ready to run. */
export interface OpenRelease {
  version: string;
  folder: string;
  /** None was kept yet: this is the working tree itself. */
  isStandIn: boolean;
  close(): void;
}

/** The version that the working tree has. */
export const readVersion = (): string =>
  (JSON.parse(readFileSync(join(root, 'packages/db/package.json'), 'utf8')) as { version: string }).version;

/** Where a release is kept. */
export const fileOfRelease = (version: string): string => join(releases, `${version}.tar.gz`);

/** Packs what runs of the working tree into a file. */
export const packRelease = async (file: string): Promise<void> => {
  const sources = rooms.flatMap((room) => [`${room}/package.json`, `${room}/src`]);
  const tests = ['--exclude=*.test.ts', '--exclude=*.test-d.ts'];
  await promisify(execFile)('tar', ['-czf', file, ...tests, '-C', root, ...sources, 'migrations']);
};

/**
 * Unpacks the last release that was kept, with the dependencies of the working tree; where none was kept yet, a copy of the
 * working tree stands in for it.
 */
export const openLastRelease = async (): Promise<OpenRelease> => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-release-'));
  const kept = findLastKept();
  const file = kept ? fileOfRelease(kept) : join(folder, 'stand-in.tar.gz');
  if (!kept) await packRelease(file);
  await promisify(execFile)('tar', ['-xzf', file, '-C', folder]);
  linkModules(folder);
  return {
    version: kept ?? readVersion(),
    folder,
    isStandIn: kept === undefined,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const findLastKept = (): string | undefined => {
  if (!existsSync(releases)) return undefined;
  return readdirSync(releases)
    .filter((name) => name.endsWith('.tar.gz'))
    .map((name) => name.slice(0, -'.tar.gz'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
};

/** The repository's dependencies, with the rooms of the release in the place of its own. */
const linkModules = (folder: string): void => {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@longshore'), { recursive: true });
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry !== '@longshore') symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
  }
  for (const room of rooms) {
    symlinkSync(join(folder, room), join(modules, '@longshore', room.split('/')[1]!));
    // A dependency of which the room takes another version than the others.
    const own = join(root, room, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, room, 'node_modules'));
  }
};
