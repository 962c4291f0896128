import { describe, expect, it } from 'vitest';
import type { CpuProfile } from './cpu-profile.ts';
import { type Frame, foldSamples, isOutsideCode, listFrames } from './fold-samples.ts';

const frame = (functionName: string, url = 'node:fs') => ({ functionName, url, lineNumber: 9 });

/** Calls: main > (parse, parse again as V8 optimised it > read), and idle time beside main. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 6] },
    { id: 2, callFrame: frame('main'), children: [3, 4] },
    { id: 3, callFrame: frame('parse') },
    { id: 4, callFrame: frame('parse'), children: [5] },
    { id: 5, callFrame: frame('read') },
    { id: 6, callFrame: frame('(idle)', '') },
  ],
  startTime: 1_000,
  endTime: 1_600,
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [0, 100, 100, 100, 100],
};
const whole = { startUs: 0, endUs: 10_000 };

const timesOf = (root: Frame) =>
  Object.fromEntries(listFrames(root).map(({ name, selfUs, totalUs }) => [name, [selfUs, totalUs]]));

describe('folding samples', () => {
  it('counts a sample for the time until the next one, the last until the end, for it and all its callers', () => {
    expect(timesOf(foldSamples(profile, whole, 'drain'))).toEqual({
      drain: [0, 600],
      main: [100, 400],
      parse: [200, 300],
      read: [100, 100],
      '(idle)': [200, 200],
    });
  });

  it('takes the samples of the stretch alone', () => {
    const root = foldSamples(profile, { startUs: 1_100, endUs: 1_300 }, 'drain');
    expect(timesOf(root)).toEqual({ drain: [0, 200], main: [0, 200], parse: [200, 200] });
  });

  it('never counts less than nothing when V8 dates a sample before the last one', () => {
    const jumping = { ...profile, timeDeltas: [0, 100, -50, 150, 100] };
    expect(listFrames(foldSamples(jumping, whole, 'drain')).every(({ selfUs }) => selfUs >= 0)).toBe(true);
  });

  it('tells what is no code by its name and by having no file', () => {
    const [idle] = listFrames(foldSamples(profile, whole, 'drain')).filter(({ name }) => name === '(idle)');
    expect(isOutsideCode(idle!)).toBe(true);
    expect(isOutsideCode({ ...idle!, place: 'mine.ts:1' })).toBe(false);
  });
});
