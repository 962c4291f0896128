import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A place for one process, which gets a successor whenever it ends. */
export interface Seat {
  readonly name: string;
  readonly pid: number | undefined;
  /** What the process said when it was ready; undefined while there is none. */
  readonly match: string | undefined;
  readonly isFrozen: boolean;
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Ends it for good: SIGTERM, after `patienceMs` SIGKILL. False when it had to be killed. */
  end(patienceMs: number): Promise<boolean>;
}

export interface SeatOptions {
  name: string;
  file: string;
  env: Record<string, string>;
  /** The first group of the line that says it is ready becomes `match`. */
  ready: RegExp;
  /** Gets its standard error. */
  logFile: string;
  /** It ended, and nobody here had ended it. */
  onSurprise(told: string): void;
}

const surprisePauseMs = 1_000;

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts a process and, each time it ends, another. */
export const createSeat = ({ name, file, env, ready, logFile, onSurprise }: SeatOptions): Seat => {
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  let gone: Promise<void>;
  let match: string | undefined;
  let isFrozen = false;
  let isCondemned = false;
  let isOver = false;

  const start = (): void => {
    match = undefined;
    isFrozen = false;
    isCondemned = false;
    const started = spawn(process.execPath, [file], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', log],
    });
    child = started;
    living.add(started);
    createInterface({ input: started.stdout! }).on('line', (line) => {
      if (child === started) match ??= ready.exec(line)?.[1];
    });
    gone = new Promise((resolve) => {
      started.once('exit', (code, signal) => {
        living.delete(started);
        resolve();
        void succeed(code ?? signal);
      });
    });
  };

  const succeed = async (ending: number | string | null): Promise<void> => {
    match = undefined;
    if (isOver) return;
    if (!isCondemned) {
      onSurprise(`${name} ended by itself with ${ending}`);
      await delay(surprisePauseMs);
    }
    if (!isOver) start();
  };

  const kill = async (): Promise<void> => {
    isCondemned = true;
    child.kill('SIGKILL');
    await gone;
  };

  start();
  return {
    name,
    get pid() {
      return child.pid;
    },
    get match() {
      return match;
    },
    get isFrozen() {
      return isFrozen;
    },
    kill,
    freeze: () => {
      isFrozen = child.kill('SIGSTOP');
    },
    thaw: () => {
      isFrozen = false;
      child.kill('SIGCONT');
    },
    end: async (patienceMs) => {
      isOver = true;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const over = new AbortController();
      const isEnded = await Promise.race([
        gone.then(() => true),
        delay(patienceMs, false, { signal: over.signal }).catch(() => false),
      ]);
      over.abort();
      if (!isEnded) await kill();
      closeSync(log);
      return isEnded;
    },
  };
};
