import { constants } from 'node:os';
import type { Worker } from '@longshore/sdk';
import type { Log } from './log.ts';

type StopSignal = 'SIGTERM' | 'SIGINT';

export interface SignalsOptions {
  worker: Worker;
  drainSeconds: number;
  log: Log;
}

/** What the signals made of a process. */
export interface Ending {
  readonly isStopping: boolean;
  /** Resolves with the exit code when a signal has stopped the worker. */
  readonly stopped: Promise<number>;
}

/**
 * The first signal drains, the second gives every job back at once, the third does not wait even for that.
 * SIGTERM and SIGINT mean the same.
 */
export const stopOnSignals = ({ worker, drainSeconds, log }: SignalsOptions): Ending => {
  let signals = 0;
  let exitCode = 0;
  let resolveStopped: (exitCode: number) => void = () => undefined;
  const stopped = new Promise<number>((resolve) => {
    resolveStopped = resolve;
  });

  const onSignal = (signal: StopSignal): void => {
    signals += 1;
    if (signals === 1) {
      log.info('draining', { signal, drainSeconds });
      void worker.stop({ timeoutSeconds: drainSeconds }).then(() => resolveStopped(exitCode));
      return;
    }
    exitCode = 128 + constants.signals[signal];
    if (signals > 2) process.exit(exitCode);
    log.warn('forced to stop', { signal });
    void worker.forceStop();
  };

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    get isStopping() {
      return signals > 0;
    },
    stopped,
  };
};
