import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// A door of its own: programs that measure use it too, outside of vitest.

export { type EventuallyOptions, eventually } from './eventually.ts';
export { findPgBouncer } from './pooler.ts';
export {
  isHttpAnswer,
  isPostgresAnswer,
  startTcpProxy,
  type Target,
  type TcpProxy,
  type Trouble,
  targetAt,
} from './tcp-proxy.ts';

/** A Node process that has said it is ready, and what it said. */
export interface ReadyProcess {
  child: ChildProcess;
  /** The lines that it goes on to write. */
  lines: Interface;
  /** The first group of the pattern in the line that matched. */
  match: string;
}

/** Starts a Node process and resolves at its first line that matches. Rejects when it ends before. */
export const spawnReady = async (
  file: string,
  ready: RegExp,
  env: Record<string, string>,
): Promise<ReadyProcess> => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const match = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
    lines.on('line', (line) => {
      const found = ready.exec(line);
      if (found) resolve(found[1]!);
    });
  });
  return { child, lines, match };
};

/** Starts an API process on any free port; `match` is its url. `release`: the folder of another release than this one. */
export const spawnApi = (
  databaseUrl: string,
  env: Record<string, string> = {},
  release: string = fileURLToPath(new URL('../../..', import.meta.url)),
): Promise<ReadyProcess> =>
  spawnReady(join(release, 'apps/api/src/server.ts'), /listening on (\S+)/, {
    LONGSHORE_LOG_LEVEL: 'error',
    ...env,
    DATABASE_URL: databaseUrl,
    LONGSHORE_PORT: '0',
  });

/** Ends a process that this run started, and waits until it is gone. */
export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};
