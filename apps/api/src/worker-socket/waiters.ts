/** Those who wait for the same thing. */
export interface Waiters {
  /** Resolves with the next wake, or when the signal is aborted. Either way nothing of the wait is kept. */
  join(signal?: AbortSignal): Promise<void>;
  wakeAll(): void;
}

export const createWaiters = (): Waiters => {
  const waiting = new Set<() => void>();
  return {
    join: (signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const leave = (): void => {
          waiting.delete(leave);
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        waiting.add(leave);
        signal?.addEventListener('abort', leave);
      }),
    wakeAll: () => {
      for (const wake of [...waiting]) wake();
    },
  };
};
