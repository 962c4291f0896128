import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.ts';
import { findClosedFolder, type ServerAccount } from './server-account.ts';

/** What belongs to one server: its data, its superuser's password, and the id of the process that started it. */
export interface ClusterFolder {
  readonly path: string;
  readonly pgdata: string;
  readonly passwordFile: string;
  readonly ownerFile: string;
  readonly isTemporary: boolean;
}

/** Makes the folder if need be. Throws Error when the server's account could not enter it. */
export const openClusterFolder = (dataDir: string | undefined, account: ServerAccount): ClusterFolder => {
  const path = realpathSync(dataDir === undefined ? makeTemporary() : makePersistent(dataDir));
  const closed = findClosedFolder(path, account);
  if (closed !== undefined) throw closedFolderError(path, closed);
  return {
    path,
    pgdata: join(path, 'pgdata'),
    passwordFile: join(path, 'password'),
    ownerFile: join(path, 'owner.pid'),
    isTemporary: dataDir === undefined,
  };
};

/** Fills a new folder by initdb, leaves an existing cluster as it is; answers with the superuser's password. */
export const initCluster = async (
  folder: ClusterFolder,
  options: { binaries: PostgresBinaries; account: ServerAccount; isDurable: boolean },
): Promise<string> => {
  if (existsSync(join(folder.pgdata, 'PG_VERSION'))) return readPassword(folder);
  const password = randomBytes(24).toString('base64url');
  writePassword(folder, password, options.account);
  await runInitdb(folder, options);
  return password;
};

/** Removes a temporary folder; a persistent one stays. */
export const removeClusterFolder = (folder: ClusterFolder): void => {
  if (folder.isTemporary) rmSync(folder.path, { recursive: true, force: true });
};

const makeTemporary = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'longshore-postgres-'));
  // mkdtemp makes 0700; the server's account must pass through to its own 0700 folder inside.
  chmodSync(path, 0o711);
  return path;
};

const makePersistent = (dataDir: string): string => {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  return dataDir;
};

const closedFolderError = (path: string, closed: string): Error =>
  new Error(
    `PostgreSQL cannot use ${path}: it does not run as root, and its own user may not enter ${closed}. ` +
      `Run as an ordinary user, choose a data folder elsewhere, or: chmod o+x ${closed}`,
  );

const readPassword = (folder: ClusterFolder): string => {
  if (!existsSync(folder.passwordFile)) {
    throw new Error(
      `${folder.path} holds a cluster whose password is gone: restore ${folder.passwordFile} or remove the folder.`,
    );
  }
  return readFileSync(folder.passwordFile, 'utf8').trim();
};

const writePassword = (folder: ClusterFolder, password: string, account: ServerAccount): void => {
  writeFileSync(folder.passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) chownSync(folder.passwordFile, account.uid, account.gid);
};

/** A killed initdb leaves a folder that looks finished, so it works elsewhere and the result is renamed. */
const runInitdb = async (
  folder: ClusterFolder,
  {
    binaries,
    account,
    isDurable,
  }: { binaries: PostgresBinaries; account: ServerAccount; isDurable: boolean },
): Promise<void> => {
  const unfinished = `${folder.pgdata}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (account) chownSync(unfinished, account.uid, account.gid);
  await promisify(execFile)(binaries.initdb, initdbArguments(unfinished, folder.passwordFile, isDurable), {
    ...account,
    cwd: folder.path,
  });
  renameSync(unfinished, folder.pgdata);
};

/** The built-in C.UTF-8 orders text alike on every operating system. */
const initdbArguments = (pgdata: string, passwordFile: string, isDurable: boolean): string[] => [
  `--pgdata=${pgdata}`,
  `--pwfile=${passwordFile}`,
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
  ...(isDurable ? [] : ['--no-sync']),
];
