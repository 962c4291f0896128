import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCli } from '../run-cli.ts';

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
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...options.env },
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

/**
 * Runs a command to its end inside this process, which takes a hundredth of the time. Not for what reads standard input, looks
 * into the folder it is run in, or minds signals.
 */
export const callLongshore = async (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<LongshoreRun> => {
  const [stdout, stderr] = [keepText(), keepText()];
  const exitCode = await runCli(args, env, { stdout: stdout.stream, stderr: stderr.stream });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
};

const keepText = (): { stream: NodeJS.WriteStream; text(): string } => {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      text += chunk;
      done();
    },
  });
  return { stream: stream as NodeJS.WriteStream, text: () => text };
};
