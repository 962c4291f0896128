import type { Duty } from './duty.ts';

export interface DutyRunnerOptions {
  duties: readonly Duty[];
  onError(duty: string, error: unknown): void;
  /** From 0 to below 1. Default Math.random. */
  random?: () => number;
}

export interface DutyRunner {
  start(): void;
  /** Starts no further run and waits for those under way. */
  stop(): Promise<void>;
}

const backoffMsMax = 30_000;

/** Runs each duty at its interval, none beside itself, out of step with other processes, more seldom while it fails. */
export const createDutyRunner = ({
  duties,
  onError,
  random = Math.random,
}: DutyRunnerOptions): DutyRunner => {
  const running = new Set<Promise<void>>();
  const timers = new Map<Duty, NodeJS.Timeout>();
  let isStopped = false;

  const scheduleRun = (duty: Duty, delayMs: number, failures: number): void => {
    if (isStopped) return;
    const begin = (): void => {
      const run = runOnce(duty, failures).finally(() => running.delete(run));
      running.add(run);
    };
    timers.set(duty, setTimeout(begin, delayMs));
  };

  const runOnce = async (duty: Duty, failures: number): Promise<void> => {
    try {
      const done = await duty.runOnce();
      const untilNextMs = done >= duty.batchMax ? 0 : await untilNextRunMs(duty);
      scheduleRun(duty, untilNextMs, 0);
    } catch (error) {
      onError(duty.name, error);
      scheduleRun(duty, backoffMs(duty, failures + 1) * (0.5 + random() / 2), failures + 1);
    }
  };

  const untilNextRunMs = async (duty: Duty): Promise<number> => {
    const regularMs = duty.intervalMs * (0.9 + random() * 0.2);
    return duty.untilNextMs ? Math.min(regularMs, await duty.untilNextMs()) : regularMs;
  };

  return {
    start: () => {
      for (const duty of duties) scheduleRun(duty, Math.min(duty.intervalMs, 1_000) * random(), 0);
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
};

const backoffMs = ({ intervalMs }: Duty, failures: number): number =>
  Math.min(Math.max(intervalMs, 250) * 2 ** failures, Math.max(backoffMsMax, intervalMs));
