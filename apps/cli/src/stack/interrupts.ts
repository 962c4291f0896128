import { constants } from 'node:os';

/** Thrown by what a signal interrupted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM, with an Interrupted as its reason. A second one ends the process. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Listens for SIGINT and SIGTERM until released. */
export const listenForInterrupts = (): Interrupts => {
  const controller = new AbortController();
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    // What is left running then is ended by its watchdog.
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
    controller.abort(new Interrupted(signal));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const release = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, release };
};

/** The work's outcome, or the signal's reason when it is aborted first. */
export const untilAborted = <Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> => {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
};
