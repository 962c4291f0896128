/** Lets claims through, or holds them up while the worker drains. */
export interface ClaimGate {
  readonly isOpen: boolean;
  open(): void;
  /** Ends the claims under way; resolves when there is none. */
  close(): Promise<void>;
  /** Runs `claim` whenever the gate is open, until `signal` is aborted; the signal it gets is aborted when the gate closes too. */
  pass(claim: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export const createClaimGate = (): ClaimGate => {
  let closing = new AbortController();
  let claiming: Promise<void> = Promise.resolve();
  let opened: Promise<void> = Promise.resolve();
  let letThrough = (): void => undefined;

  return {
    get isOpen() {
      return !closing.signal.aborted;
    },
    open: () => {
      if (!closing.signal.aborted) return;
      closing = new AbortController();
      letThrough();
    },
    close: () => {
      if (!closing.signal.aborted) {
        opened = new Promise((resolve) => {
          letThrough = resolve;
        });
        closing.abort();
      }
      return claiming;
    },
    pass: async (claim, signal) => {
      const over = untilAborted(signal);
      while (!signal.aborted) {
        await Promise.race([opened, over]);
        if (signal.aborted || closing.signal.aborted) continue;
        claiming = claim(AbortSignal.any([signal, closing.signal]));
        await claiming;
      }
    },
  };
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
