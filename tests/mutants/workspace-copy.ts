import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { breakText, type Mutant } from './mutant.ts';

/** The workspace as it stands, changes that are not committed included. */
export const workspace = join(import.meta.dirname, '../..');

/** A copy of the workspace in a temporary folder, to break things in. */
export interface WorkspaceCopy {
  readonly folder: string;
  /** Puts the bug in while `work` runs, and takes it out again. Throws Error for a mutant that cannot be made. */
  whileBroken<Answer>(mutant: Mutant, work: () => Promise<Answer>): Promise<Answer>;
  remove(): void;
}

/** Copies the files that git knows or would take, and links what npm installed. Throws Error when a bug in it would not be felt. */
export const copyWorkspace = (): WorkspaceCopy => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-mutants-'));
  // PostgreSQL runs as another user where we are root, and must be able to enter.
  chmodSync(folder, 0o755);
  for (const file of listFiles()) copyInto(folder, file);
  linkPackages(folder);
  linkPackagesOfRooms(folder);
  requireOwnRooms(folder);
  return {
    folder,
    whileBroken: async (mutant, work) => {
      const path = join(folder, mutant.file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, breakText(mutant, text));
      try {
        return await work();
      } finally {
        writeFileSync(path, text);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const listFiles = (): string[] => {
  const command = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', command, { cwd: workspace, encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
  // Git also names files that were deleted and not committed yet.
  return files.split('\0').filter((file) => file !== '' && existsSync(join(workspace, file)));
};

const copyInto = (folder: string, file: string): void => {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  copyFileSync(join(workspace, file), join(folder, file));
};

/** Everything as it is, but for our own rooms: they are those of the copy. */
const linkPackages = (folder: string): void => {
  const [from, to] = [join(workspace, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(join(to, '@longshore'), { recursive: true });
  // `.bin` are the programs; what else begins with a dot are caches, which a copy must not write to.
  for (const name of readdirSync(from).filter((name) => name === '.bin' || /^[^.]/.test(name)))
    if (name !== '@longshore') symlinkSync(join(from, name), join(to, name));
  for (const room of readdirSync(join(from, '@longshore')))
    symlinkSync(join(folder, placeOf(join(from, '@longshore', room))), join(to, '@longshore', room));
};

/** From the root of the workspace, where a link leads. */
const placeOf = (link: string): string => relative(realpathSync(workspace), realpathSync(link));

/** What npm could not put into the root, because another version is there. */
const linkPackagesOfRooms = (folder: string): void => {
  for (const installed of globSync(['*/node_modules', '*/*/node_modules'], { cwd: workspace })) {
    if (installed.startsWith('node_modules') || !existsSync(join(folder, dirname(installed)))) continue;
    symlinkSync(join(workspace, installed), join(folder, installed));
  }
};

/** A room that another finds outside of the copy would be tested as it is in the workspace, whatever was broken in the copy. */
const requireOwnRooms = (folder: string): void => {
  const home = realpathSync(folder);
  const names = readdirSync(join(folder, 'node_modules/@longshore'));
  for (const room of globSync(['*/package.json', '*/*/package.json'], { cwd: folder })) {
    if (room.startsWith('node_modules')) continue;
    const { resolve } = createRequire(join(folder, room));
    for (const name of names.filter((name) => hasDoor(folder, name))) {
      const found = resolve(`@longshore/${name}`);
      if (!found.startsWith(`${home}/`)) throw new Error(`${room} of the copy would use ${found}`);
    }
  }
};

const hasDoor = (folder: string, name: string): boolean =>
  'exports' in
  JSON.parse(readFileSync(join(folder, 'node_modules/@longshore', name, 'package.json'), 'utf8'));
