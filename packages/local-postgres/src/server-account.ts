import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The user and group that the server runs as; undefined means the user of this process. */
export type ServerAccount = { readonly uid: number; readonly gid: number } | undefined;

/** PostgreSQL refuses to run as root, so root lends it `postgres`, or else `nobody`. */
export const serverAccount = (): ServerAccount => {
  if (process.getuid?.() !== 0) return undefined;
  return findAccount('postgres') ?? findAccount('nobody') ?? { uid: 65_534, gid: 65_534 };
};

/**
 * The topmost folder on the way to `path` (itself included) that the account may not enter, or undefined.
 * Reads the permission bits: the server is started without supplementary groups.
 */
export const findClosedFolder = (path: string, account: ServerAccount): string | undefined => {
  if (!account) return undefined;
  const parent = dirname(path);
  const closedParent = parent === path ? undefined : findClosedFolder(parent, account);
  return closedParent ?? (isOpen(path, account) ? undefined : path);
};

const isOpen = (folder: string, account: NonNullable<ServerAccount>): boolean => {
  const { mode, uid, gid } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
};

const findAccount = (name: string): ServerAccount => {
  try {
    return { uid: askId('-u', name), gid: askId('-g', name) };
  } catch {
    return undefined;
  }
};

const askId = (flag: '-u' | '-g', name: string): number =>
  Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
