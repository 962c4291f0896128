import { createWaiters } from './waiters.ts';

export interface HearingOptions {
  quietMs: number;
  /** The worker has become quiet, or is heard again. */
  onChange(): void;
}

/**
 * Whether the worker was heard of late. Its connection may be half open, and its session gone on with at another process, so
 * that nothing is done for a quiet worker.
 */
export interface Hearing {
  readonly isQuiet: boolean;
  /** The worker has said something. */
  hear(): void;
  /** Resolves while it is not quiet, or when the signal is aborted. */
  untilHeard(signal: AbortSignal): Promise<void>;
  stop(): void;
}

export const startHearing = ({ quietMs, onChange }: HearingOptions): Hearing => {
  const waiters = createWaiters();
  let isQuiet = false;
  let isStopped = false;
  const timer = setTimeout(() => {
    isQuiet = true;
    onChange();
  }, quietMs);

  return {
    get isQuiet() {
      return isQuiet;
    },
    hear: () => {
      if (isStopped) return;
      timer.refresh();
      if (!isQuiet) return;
      isQuiet = false;
      waiters.wakeAll();
      onChange();
    },
    untilHeard: (signal) => (isQuiet ? waiters.join(signal) : Promise.resolve()),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
