import { type Frame, isOutsideCode, listFrames } from './fold-samples.ts';

const functionsMax = 25;
const groupsMax = 15;

/** A process in one phase of the run. */
export interface PhaseProfile {
  process: string;
  phase: string;
  jobs: number;
  root: Frame;
}

/** Markdown: how busy the process was, the functions with most time of their own, and the same by package and file. */
export const describePhase = ({ process, phase, jobs, root }: PhaseProfile): string => {
  const busyUs = root.totalUs - idleUsOf(root);
  const row = (cells: string[], us: number): string =>
    `| ${[...cells, (us / jobs).toFixed(2), `${((us / busyUs) * 100).toFixed(1)} %`].join(' | ')} |`;
  return [
    `## ${process}, ${phase}`,
    '',
    `${(busyUs / jobs).toFixed(1)} µs a job (${jobs.toLocaleString('en')} jobs); ` +
      `idle ${((idleUsOf(root) / root.totalUs) * 100).toFixed(0)} % of ${(root.totalUs / 1e6).toFixed(2)} s.`,
    '',
    '| package or file | µs a job | of its time |',
    '|---|---:|---:|',
    ...withRest(sumSelf(root, ({ group }) => group)).map(([group, us]) => row([group], us)),
    '',
    '| function | where | µs a job | of its time |',
    '|---|---|---:|---:|',
    ...sumSelf(root, ({ name, place }) => `\`${name}\` | ${place || 'native'}`)
      .slice(0, functionsMax)
      .map(([key, us]) => row([key], us)),
    '',
  ].join('\n');
};

/** Self time by key, most first; without idle time, and without a frame's phase. */
export const sumSelf = (root: Frame, keyOf: (frame: Frame) => string): [key: string, us: number][] => {
  const sums = new Map<string, number>();
  for (const frame of root.children.flatMap(listFrames)) {
    if (isIdle(frame) || frame.selfUs === 0) continue;
    sums.set(keyOf(frame), (sums.get(keyOf(frame)) ?? 0) + frame.selfUs);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
};

const withRest = (sums: [string, number][]): [string, number][] => {
  const rest = sums.slice(groupsMax);
  if (rest.length === 0) return sums;
  return [...sums.slice(0, groupsMax), [`${rest.length} others`, rest.reduce((sum, [, us]) => sum + us, 0)]];
};

const isIdle = (frame: Frame): boolean => frame.name === '(idle)' && isOutsideCode(frame);

const idleUsOf = (root: Frame): number =>
  root.children.filter(isIdle).reduce((sum, { totalUs }) => sum + totalUs, 0);
