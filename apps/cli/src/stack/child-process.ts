import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** What it is called in logs and errors. */
  name: string;
  /** A TypeScript or JavaScript file for this very Node. */
  file: string;
  args?: readonly string[];
  /** Added to this process's environment, from which all settings of Longshore and PostgreSQL are taken away. */
  env: Readonly<Record<string, string>>;
  onLine?: ((line: string) => void) | undefined;
}

export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of ours. It ends with this one, even when this one is killed. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** The first line that matches. Rejects with the last lines it wrote when it ends without one. */
  untilLine(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGTERM, and SIGKILL when that is not obeyed in time. Harmless when it has ended. */
  stop(options?: { graceMs?: number }): Promise<ChildEnd>;
  kill(): void;
}

const linesKept = 20;

/** Starts a Node process in a group of its own, so that Ctrl-C reaches us first and we can stop it in order. */
export const startChild = (options: ChildOptions): Child => {
  const { name, file, args = [], env } = options;
  const process_ = spawn(process.execPath, [file, ...args], {
    env: { ...foreignEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    process_.once('close', (code, signal) => resolve({ code, signal }));
    process_.once('error', () => resolve({ code: null, signal: null }));
  });
  const lines = keepLines([process_.stdout, process_.stderr], options.onLine);
  if (process_.pid !== undefined) guard(process_.pid, process_);

  return {
    name,
    pid: process_.pid ?? 0,
    ended,
    untilLine: (pattern) =>
      Promise.race([
        lines.until(pattern),
        ended.then(() => Promise.reject(new Error(`${name} ended at once:\n${lines.last().join('\n')}`))),
      ]),
    stop: async ({ graceMs = 10_000 } = {}) => {
      process_.kill('SIGTERM');
      const timer = setTimeout(() => process_.kill('SIGKILL'), graceMs);
      return ended.finally(() => clearTimeout(timer));
    },
    kill: () => void process_.kill('SIGKILL'),
  };
};

/** A child must get by with what it is given: no key or database of the user's slips through. */
const foreignEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(LONGSHORE_|DATABASE_URL$|PG)/.test(name)),
  );

const keepLines = (streams: readonly Readable[], onLine: ((line: string) => void) | undefined) => {
  const kept: string[] = [];
  const waiters = new Set<(line: string) => void>();
  for (const input of streams) {
    createInterface({ input }).on('line', (line) => {
      kept.push(line);
      if (kept.length > linesKept) kept.shift();
      onLine?.(line);
      for (const waiter of waiters) waiter(line);
    });
  }
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (line: string): void => {
        const match = pattern.exec(line);
        if (!match) return;
        waiters.delete(look);
        resolve(match);
      };
      waiters.add(look);
      kept.forEach(look);
    });
  return { until, last: () => kept };
};

/** A shell that waits on a pipe from us. When we die, however we die, the pipe closes and the shell ends the child. */
const guard = (pid: number, child: ChildProcess): void => {
  const watchdog = spawn('/bin/sh', ['-c', watchdogScript, 'longshore-watchdog', String(pid)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => watchdog.kill());
};

const watchdogScript = `
  read -r _
  kill -TERM "$1" 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || exit 0; sleep 0.5; done
  kill -KILL "$1" 2>/dev/null
`;
