import { describe, expect, test } from 'vitest';
import { mean, rateBetween, ratesOfWindows } from './progress.ts';

const reports = [
  { atMs: 1_000, completed: 10 },
  { atMs: 1_100, completed: 500 },
  { atMs: 1_200, completed: 1_000 },
  { atMs: 1_400, completed: 1_200 },
];

describe('the rate of a drain', () => {
  test('counts from the first report at or above its bounds, and what those reports say', () => {
    expect(rateBetween(reports, 100, 1_000)).toBe(5_000);
    expect(rateBetween(reports, 1, 1_100)).toBe(1_190 / 0.4);
  });

  test('is no number when the drain did not get so far', () => {
    expect(rateBetween(reports, 100, 1_201)).toBeNaN();
  });

  test('is told for each window', () => {
    expect(ratesOfWindows(reports)).toEqual([4_900, 5_000, 1_000]);
    expect(mean([1, 2, 6])).toBe(3);
  });
});
