import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../main.ts');

export interface StartedLongshore {
  pid: number;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<LongshoreRun>;
}

export interface LongshoreRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command line as a process of its own, with nothing of ours in its environment but what is given. */
export const startLongshore = (
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): StartedLongshore => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? '/',
    env: { PATH: process.env.PATH, ...options.env },
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (data) => {
    texts.stdout += data;
  });
  child.stderr.setEncoding('utf8').on('data', (data) => {
    texts.stderr += data;
  });
  child.stdin.end(options.input ?? '');
  return {
    pid: child.pid!,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => {
      child.once('close', (exitCode) => resolve({ exitCode, ...texts }));
    }),
  };
};

/** Runs it to its end. */
export const runLongshore = (...args: Parameters<typeof startLongshore>): Promise<LongshoreRun> =>
  startLongshore(...args).ended;
