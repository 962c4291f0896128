import { expect, test } from 'vitest';
import { NoisyRun, othersCoresBetween, runQuietly } from './quiet.ts';

const sampleAt = (
  atMs: number,
  busyTicks: number,
  ownTicks: number,
  kernelTicks: [number, number][] = [],
) => ({
  atMs,
  busyTicks,
  ownTicks,
  kernelTicks: new Map(kernelTicks),
});
const start = sampleAt(0, 1_000, 400, [
  [10, 7_000],
  [11, 50],
]);

test('what others used is the time of the machine without our own', () => {
  expect(othersCoresBetween(start, sampleAt(10_000, 2_505, 1_400))).toBeCloseTo(0.5);
});

test('our own time above that of the machine is a rounding, not a negative load', () => {
  expect(othersCoresBetween(start, sampleAt(1_000, 1_090, 500))).toBe(0);
});

test('work of kernel threads is not that of others, and one that ends takes nothing from ours', () => {
  const after = sampleAt(10_000, 1_305, 500, [
    [11, 150],
    [12, 100],
  ]);

  expect(othersCoresBetween(start, after)).toBe(0);
});

/** A machine on which others use so many cores during each figure, which takes a second. */
const machineWith = (othersCores: number[]) => {
  let looks = 0;
  let busyTicks = 0;
  return () => {
    if (looks % 2 === 1) busyTicks += othersCores[(looks - 1) / 2]! * 100 + 5;
    looks++;
    return sampleAt(looks * 1_000, busyTicks, 0);
  };
};

test('a figure that others disturbed is tried again', async () => {
  const said: string[] = [];
  let runs = 0;

  const answer = await runQuietly('drain', async () => ++runs, {
    progress: (text) => said.push(text),
    sample: machineWith([0.4, 0.1]),
  });

  expect(answer).toBe(2);
  expect(said).toEqual(['drain: others used 0.40 cores, tried again']);
});

test('a figure that others disturbed three times is refused', async () => {
  const run = runQuietly('drain', async () => 1, {
    progress: () => {},
    sample: machineWith([0.4, 0.4, 0.3, 0]),
  });

  await expect(run).rejects.toThrow(NoisyRun);
  await expect(run).rejects.toThrow('noisy: others used 0.30 cores, at most 0.15 allowed');
});
