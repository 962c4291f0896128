import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterFolder } from './cluster-folder.ts';

const stopSecondsMax = 30;
const pollMs = 50;

/**
 * Makes the folder free for a new server: stops one that an earlier run left behind.
 * Throws Error when the process that started it still runs, or when it does not end.
 */
export const stopOrphan = async (folder: ClusterFolder): Promise<void> => {
  const lockFile = join(folder.pgdata, 'postmaster.pid');
  const pid = readPid(lockFile);
  if (pid === undefined || !isAlive(pid)) return;
  // The id was given to another process since; PostgreSQL itself would take that one for the server.
  if (!isServerOf(pid, folder.pgdata)) return rmSync(lockFile);
  const owner = readPid(folder.ownerFile);
  if (owner !== undefined && isAlive(owner)) {
    throw new Error(
      `${folder.path} is in use by process ${owner}: stop it first, or choose another data folder.`,
    );
  }
  process.kill(pid, 'SIGINT');
  await waitUntilGone(pid);
};

const readPid = (file: string): number | undefined => {
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  return pid > 0 ? pid : undefined;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const isServerOf = (pid: number, pgdata: string): boolean => {
  const command = readCommand(pid);
  return command.includes('postgres') && command.includes(pgdata);
};

/** Minimal images have no `ps`, macOS has no /proc. */
const readCommand = (pid: number): string => {
  try {
    const file = `/proc/${pid}/cmdline`;
    if (existsSync(file)) return readFileSync(file, 'utf8');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

const waitUntilGone = async (pid: number): Promise<void> => {
  const deadline = Date.now() + stopSecondsMax * 1000;
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new Error(`An earlier PostgreSQL, process ${pid}, does not end: stop it by hand.`);
    await delay(pollMs);
  }
};
