import { expect, test } from 'vitest';
import { advanceFloors, type FloorState, floorsOf, noFloors } from './claim-floors.ts';

const readings = (...steps: { xmin: number; xmax: number; firstKey: number }[]): FloorState =>
  steps.reduce<FloorState>(
    (state, { xmin, xmax, firstKey }) =>
      advanceFloors(state, {
        xmin: String(xmin),
        xmax: String(xmax),
        lanes: [{ routeId: 1, firstKey: String(firstKey) }],
      }),
    noFloors,
  );

test('one reading is not enough for a floor', () => {
  expect(floorsOf(readings({ xmin: 10, xmax: 10, firstKey: 500 }))).toEqual([]);
});

test('the floor moves to the candidate once no transaction of its time is open', () => {
  const state = readings({ xmin: 10, xmax: 12, firstKey: 500 }, { xmin: 12, xmax: 15, firstKey: 900 });
  expect(floorsOf(state)).toEqual([{ routeId: 1, floor: '500' }]);
});

test('a late committer keeps the floor below its job however long it takes', () => {
  const state = readings(
    { xmin: 10, xmax: 12, firstKey: 500 },
    { xmin: 11, xmax: 40, firstKey: 900 },
    { xmin: 11, xmax: 90, firstKey: 2_000 },
  );
  expect(floorsOf(state)).toEqual([]);
});

test('readings during a long write do not put off the floor beyond its end', () => {
  const state = readings(
    { xmin: 10, xmax: 12, firstKey: 500 },
    { xmin: 11, xmax: 40, firstKey: 900 },
    { xmin: 12, xmax: 90, firstKey: 2_000 },
  );
  expect(floorsOf(state)).toEqual([{ routeId: 1, floor: '500' }]);
});

test('a job found below the floor drops the floor', () => {
  const state = readings(
    { xmin: 10, xmax: 10, firstKey: 500 },
    { xmin: 10, xmax: 10, firstKey: 900 },
    { xmin: 10, xmax: 10, firstKey: 20 },
  );
  expect(floorsOf(state)).toEqual([]);
});

test('transaction ids and keys beyond 2^53 are compared exactly', () => {
  const lanes = (firstKey: string) => [{ routeId: 1, firstKey }];
  const first = advanceFloors(noFloors, {
    xmin: '9007199254740993',
    xmax: '9007199254740993',
    lanes: lanes('9007199254740993'),
  });
  const tooEarly = advanceFloors(first, {
    xmin: '9007199254740992',
    xmax: '9007199254740995',
    lanes: lanes('9007199254740999'),
  });
  expect(floorsOf(tooEarly)).toEqual([]);
});

test('a route that a reading no longer names is forgotten', () => {
  const state = readings({ xmin: 1, xmax: 1, firstKey: 5 }, { xmin: 1, xmax: 1, firstKey: 9 });
  expect(floorsOf(advanceFloors(state, { xmin: '2', xmax: '2', lanes: [] }))).toEqual([]);
});
