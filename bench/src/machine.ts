import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  cpu: string;
  memoryGib: number;
  platform: string;
  /** Average load of the last minute when the run began. */
  load: number;
}

/** What the figures are measured on. */
export const readMachine = (): Machine => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGib: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  load: Number(loadavg()[0]!.toFixed(2)),
});
