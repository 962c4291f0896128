import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { hasProc, parseBusyTicks, readProcesses, sumTicks, ticksPerSecond, treeOf } from './processes.ts';

/** Cores that others may use on the average of a figure. Below it, figures of one machine agree; see reference figures. */
export const othersCoresMax = 0.15;
const triesMax = 3;

/** A figure that others disturbed each time it was tried. */
export class NoisyRun extends Error {
  readonly othersCores: number;

  constructor(othersCores: number) {
    super(`noisy: others used ${othersCores.toFixed(2)} cores, at most ${othersCoresMax} allowed`);
    this.othersCores = othersCores;
  }
}

interface CpuSample {
  atMs: number;
  /** Of the whole machine. */
  busyTicks: number;
  /** Of this process and its descendants, with those that have ended. */
  ownTicks: number;
  /** Of each thread of the kernel, by its id. One that ends leaves its time to nobody. */
  kernelTicks: ReadonlyMap<number, number>;
}

/** Runs a figure again, three times in all, while others use more CPU than the bound. Throws NoisyRun after the last. */
export const runQuietly = async <T>(
  figure: string,
  run: () => Promise<T>,
  { progress, sample = sampleCpu }: { progress: (text: string) => void; sample?: () => CpuSample },
): Promise<T> => {
  for (let triesLeft = triesMax - 1; ; triesLeft--) {
    const before = sample();
    const result = await run();
    const othersCores = othersCoresBetween(before, sample());
    if (othersCores <= othersCoresMax) return result;
    if (triesLeft === 0) throw new NoisyRun(othersCores);
    progress(`${figure}: others used ${othersCores.toFixed(2)} cores, tried again`);
  }
};

/** Cores that the rest of the machine used on average. The two counts are rounded, so a short figure is given a few ticks. */
export const othersCoresBetween = (before: CpuSample, after: CpuSample): number => {
  const busy = after.busyTicks - before.busyTicks;
  const own = after.ownTicks - before.ownTicks + kernelTicksBetween(before, after);
  const seconds = (after.atMs - before.atMs) / 1_000;
  return Math.max(0, busy - own - roundingTicks) / ticksPerSecond / seconds;
};

/** Kernel threads write to disk and move packets for whoever asks, here for us. */
const kernelTicksBetween = (before: CpuSample, after: CpuSample): number =>
  [...after.kernelTicks].reduce((sum, [pid, ticks]) => sum + ticks - (before.kernelTicks.get(pid) ?? 0), 0);

/** The busy time of a core is sampled at each tick, that of a process is exact. */
const roundingTicks = 5;

/** How the load of others is watched on this machine, in a sentence. */
export const describeGuard = (): string =>
  hasProc()
    ? `A figure is refused when others use more than ${othersCoresMax} cores on the average of it`
    : `The load of others cannot be told from ours without /proc: no figure is refused; the load of the last minute is ${loadavg()[0]!.toFixed(2)}`;

const sampleCpu = (): CpuSample => {
  const atMs = performance.now();
  if (!hasProc()) return { atMs, busyTicks: 0, ownTicks: 0, kernelTicks: new Map() };
  const busyTicks = parseBusyTicks(readFileSync('/proc/stat', 'utf8'));
  const processes = readProcesses();
  const kernelPids = processes.filter(({ command }) => command === 'kthreadd').map(({ pid }) => pid);
  return {
    atMs,
    busyTicks,
    // PostgreSQL and Redis are children of ours.
    ownTicks: sumTicks(treeOf(processes, [process.pid])),
    kernelTicks: new Map(treeOf(processes, kernelPids).map(({ pid, ticks }) => [pid, ticks])),
  };
};
