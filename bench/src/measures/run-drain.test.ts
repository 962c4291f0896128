import { expect, test } from 'vitest';
import { speedsOf } from './run-drain.ts';

test('a tenth of a drain has the speed of that part of its course', () => {
  const course = [
    { atMs: 1_000, completed: 0 },
    { atMs: 2_000, completed: 500 },
    { atMs: 4_000, completed: 1_000 },
  ];

  const { perSecond, perSecondByTenth } = speedsOf(course, 1_000);

  expect(perSecond).toBeCloseTo(1_000 / 3);
  expect(perSecondByTenth).toHaveLength(10);
  expect(perSecondByTenth[0]).toBeCloseTo(500);
  expect(perSecondByTenth[9]).toBeCloseTo(250);
});

test('a drain that was cut short has the speed of what it worked off, and no last tenth', () => {
  const { perSecond, perSecondByTenth } = speedsOf(
    [
      { atMs: 0, completed: 0 },
      { atMs: 500, completed: 100 },
    ],
    1_000,
  );

  expect(perSecond).toBe(200);
  expect(perSecondByTenth[0]).toBe(200);
  expect(perSecondByTenth[9]).toBeNaN();
});
