import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
/** What the SDK is built from. */
const sources = [
  'packages/contract',
  'packages/db',
  'packages/sdk',
  'apps/api',
  'scripts',
  'tsconfig.base.json',
  'package.json',
];

/** Runs a program; throws with what it printed when it fails. Answers its standard output. */
export const run = async (
  file: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> => {
  try {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 24 };
    return (await promisify(execFile)(file, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
};

/**
 * Packs the contract and the SDK with `npm pack`, in a copy of the workspace: packing points `exports` at the built files
 * for a moment, which the tests that run beside this one would notice. Answers the folder and the tarballs.
 */
export const packPackages = async (): Promise<{ folder: string; tarballs: string[] }> => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-pack-'));
  const workspace = join(folder, 'workspace');
  for (const source of sources) {
    const filter = (path: string) => !/\/(dist|node_modules)(\/|$)/.test(path.slice(root.length));
    await cp(join(root, source), join(workspace, source), { recursive: true, filter });
  }
  await linkModules(workspace);
  const tarballs: string[] = [];
  for (const room of ['contract', 'sdk']) {
    // What is packed is built by the prepack script, which installs leave off.
    const args = ['pack', '--ignore-scripts=false', '--json', '--pack-destination', folder];
    const printed = await run('npm', args, join(workspace, 'packages', room));
    const [packed] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as { filename: string }[];
    tarballs.push(join(folder, packed!.filename));
  }
  return { folder, tarballs };
};

/** The repository's dependencies, with the copied rooms in the place of its own. */
const linkModules = async (workspace: string): Promise<void> => {
  const modules = join(workspace, 'node_modules');
  await mkdir(join(modules, '@longshore'), { recursive: true });
  for (const entry of await readdir(join(root, 'node_modules'))) {
    if (entry !== '@longshore') await symlink(join(root, 'node_modules', entry), join(modules, entry));
  }
  for (const room of ['contract', 'db', 'sdk']) {
    await symlink(join(workspace, 'packages', room), join(modules, '@longshore', room));
  }
  await symlink(join(workspace, 'apps/api'), join(modules, '@longshore/api'));
};

/** A package as a room finds it: in its own modules where another version lies in the root's. */
const folderOf = (name: string, room: string): string => {
  const own = join(root, room, 'node_modules', name);
  return existsSync(own) ? own : join(root, 'node_modules', name);
};

/**
 * An empty project into which the tarballs are installed, with the dependencies from this repository instead of a
 * registry, so that the test needs no network.
 */
export const installInEmptyProject = async (folder: string, tarballs: string[]): Promise<string> => {
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  );
  const dependencies = ['zod', '@trpc/server', '@types/node', 'undici-types'];
  const folders = dependencies.map((name) => join(root, 'node_modules', name));
  folders.push(folderOf('undici', 'packages/sdk'));
  const flags = [
    '--offline',
    '--install-links',
    '--legacy-peer-deps',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  await run('npm', ['install', ...flags, ...folders, ...tarballs], project);
  return project;
};
