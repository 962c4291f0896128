import type { Duty } from './duty.ts';

export interface DutyRunnerOptions {
  duties: readonly Duty[];
  onError(duty: string, error: unknown): void;
  /** From 0 to below 1. Default Math.random. */
  random?: () => number;
}

export interface DutyRunner {
  start(): void;
  /** There may be work for the duty sooner than it thinks: it runs within 50 ms, however often this is called. */
  hurry(dutyName: string): void;
  /** Starts no further run and waits for those under way. */
  stop(): Promise<void>;
}

interface Slot {
  duty: Duty;
  failures: number;
  timer: NodeJS.Timeout | undefined;
  dueAtMs: number;
  running: Promise<void> | undefined;
  isHurried: boolean;
}

const hurryMs = 50;
const backoffMsMax = 30_000;

/** Runs each duty at its interval, none beside itself, out of step with other processes, more seldom while it fails. */
export const createDutyRunner = ({
  duties,
  onError,
  random = Math.random,
}: DutyRunnerOptions): DutyRunner => {
  const slots = new Map(duties.map((duty) => [duty.name, newSlot(duty)]));
  let isStopped = false;

  const scheduleRun = (slot: Slot, delayMs: number): void => {
    if (isStopped) return;
    clearTimeout(slot.timer);
    slot.dueAtMs = performance.now() + delayMs;
    slot.timer = setTimeout(() => {
      slot.running = runOnce(slot).then((nextDelayMs) => {
        slot.running = undefined;
        scheduleRun(slot, slot.isHurried ? Math.min(nextDelayMs, hurryMs) : nextDelayMs);
      });
    }, delayMs);
  };

  /** Never rejects; answers how long to wait for the next run. */
  const runOnce = async (slot: Slot): Promise<number> => {
    slot.isHurried = false;
    try {
      const done = await slot.duty.runOnce();
      const delayMs = done >= slot.duty.batchMax ? 0 : await untilNextRunMs(slot.duty);
      slot.failures = 0;
      return delayMs;
    } catch (error) {
      onError(slot.duty.name, error);
      slot.failures += 1;
      slot.isHurried = false;
      return backoffMs(slot) * (0.5 + random() / 2);
    }
  };

  const untilNextRunMs = async (duty: Duty): Promise<number> => {
    // Sooner, never later: what is promised within an interval holds.
    const regularMs = duty.intervalMs * (0.8 + random() * 0.15);
    return duty.untilNextMs ? Math.min(regularMs, await duty.untilNextMs()) : regularMs;
  };

  return {
    start: () => {
      for (const slot of slots.values()) scheduleRun(slot, Math.min(slot.duty.intervalMs, 1_000) * random());
    },
    hurry: (dutyName) => {
      const slot = slots.get(dutyName);
      if (!slot || slot.failures > 0) return;
      if (slot.dueAtMs > performance.now() + hurryMs) scheduleRun(slot, hurryMs);
      // It is due or under way; in a run under way the look at the database may be past already.
      else slot.isHurried = true;
    },
    stop: async () => {
      isStopped = true;
      for (const { timer } of slots.values()) clearTimeout(timer);
      await Promise.all([...slots.values()].map(({ running }) => running));
    },
  };
};

const newSlot = (duty: Duty): Slot => ({
  duty,
  failures: 0,
  timer: undefined,
  dueAtMs: Number.POSITIVE_INFINITY,
  running: undefined,
  isHurried: false,
});

const backoffMs = ({ duty: { intervalMs }, failures }: Slot): number =>
  Math.min(Math.max(intervalMs, 250) * 2 ** failures, Math.max(backoffMsMax, intervalMs));
