import { cpus, loadavg, totalmem } from 'node:os';

/** What the figures were measured on, in one line; a load above a tenth of its cores makes them unreliable. */
export const noteMachine = (): string => {
  const load = loadavg()[0]!;
  const noise = load > 0.1 * cpus().length ? ' (NOISY: quote ratios only)' : '';
  return `Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${load.toFixed(2)}${noise}`;
};
