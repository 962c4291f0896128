const tickMs = 1_000;

/** Watches whether the event loop gets round. */
export interface LoopWatch {
  /** How long the loop stood still until just now, in milliseconds, a second more or less. */
  stalledMs(): number;
  stop(): void;
}

export interface LoopWatchOptions {
  /** Clock and timer, for tests. */
  nowMs?: () => number;
  startInterval?: (tick: () => void, ms: number) => NodeJS.Timeout;
}

/** Starts watching. What arrived during a stall is read moments after it, so stalls are forgotten as time passes. */
export const watchLoop = (options: LoopWatchOptions = {}): LoopWatch => {
  const { nowMs = () => performance.now(), startInterval = setInterval } = options;
  let seenAtMs = nowMs();
  let stalledMs = 0;

  const look = (): number => {
    const gapMs = nowMs() - seenAtMs;
    seenAtMs += gapMs;
    stalledMs = gapMs > 2 * tickMs ? stalledMs + gapMs - tickMs : Math.max(0, stalledMs - gapMs);
    return stalledMs;
  };
  const timer = startInterval(look, tickMs).unref();

  return { stalledMs: look, stop: () => clearInterval(timer) };
};
