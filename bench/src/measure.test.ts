import { expect, test } from 'vitest';
import { bars, withBars } from './bars.ts';
import { measureOf, measureOfRuns, median, quantile } from './measure.ts';

test('a quantile is one of the values, by the nearest rank', () => {
  const values = [40, 10, 30, 20];

  expect(quantile(values, 0.5)).toBe(20);
  expect(quantile(values, 0.99)).toBe(40);
  expect(quantile(values, 0)).toBe(10);
  expect(quantile([], 0.5)).toBeNaN();
  expect(median([3, 1, 2])).toBe(2);
});

test('a figure is the median of its runs, and a ratio is ours divided by theirs', () => {
  const measure = measureOfRuns('drain', 'jobs/s', {
    longshore: [10, 30, 20],
    'pg-boss': [9, 8, 10],
    bullmq: [],
  });

  expect(measure).toMatchObject({ ours: 20, peers: { 'pg-boss': 9 }, ratios: { 'pg-boss': 20 / 9 } });
  expect(measure.runs).toEqual({ longshore: [10, 30, 20], 'pg-boss': [9, 8, 10] });
});

test('a figure of ours that was refused has no ratios', () => {
  expect(measureOf('drain', 'jobs/s', { 'pg-boss': 9 })).toMatchObject({ ours: Number.NaN, ratios: {} });
});

test('a measure meets its bars when every ratio reaches its own', () => {
  const submit = (peers: Record<string, number>) =>
    withBars(measureOf('submit', 'jobs/s', { longshore: 300, ...peers }), bars.submitOneByOne);

  expect(submit({ 'graphile-worker': 100, 'pg-boss': 100 })).toMatchObject({
    bar: '≥ 3x graphile-worker, ≥ 3x pg-boss',
    isMet: true,
  });
  expect(submit({ 'graphile-worker': 100, 'pg-boss': 101 }).isMet).toBe(false);
});

test('a latency must stay below its bar, and bytes are held against a figure of their own', () => {
  const pickup = measureOf('pickup', 'ms', { longshore: 3.1, 'graphile-worker': 2 });
  const wal = measureOf('WAL per job', 'bytes', { longshore: 1_300, 'graphile-worker': 400 });

  expect(withBars(pickup, bars.pickupAtIdle)).toMatchObject({ bar: '≤ 1.5x graphile-worker', isMet: false });
  expect(withBars(wal, bars.walPerJob)).toMatchObject({ bar: '≤ 1,300', isMet: true });
});

test('bars are not met while a peer was not measured, and missed as soon as one is', () => {
  const drain = (pgBoss: number) =>
    withBars(measureOf('drain', 'jobs/s', { longshore: 130, 'pg-boss': pgBoss }), bars.drainBest);

  expect(drain(100)).not.toHaveProperty('isMet');
  expect(drain(101).isMet).toBe(false);
});
