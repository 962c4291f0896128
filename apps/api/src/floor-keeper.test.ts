import { expect, test } from 'vitest';
import { createFloorKeeper } from './floor-keeper.ts';

const group = {
  key: 'g',
  orgId: 1,
  filter: { kinds: [], capabilities: [], queues: null, priorityMin: 0, priorityMax: 0 },
  limitedWorkerId: null,
};
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const setUp = () => {
  const state = { nowMs: 0, readings: 0, readingMs: 0, isAway: false };
  const keeper = createFloorKeeper({
    read: async () => {
      state.readings += 1;
      state.nowMs += state.readingMs;
      if (state.isAway) throw new Error('away');
      const firstKey = String(state.readings * 100);
      return { xmin: '1', xmax: '1', lanes: [{ routeId: 7, firstKey }] };
    },
    onError: () => {},
    nowMs: () => state.nowMs,
  });
  const noteAt = async (nowMs: number, claim: Partial<Parameters<typeof keeper.noteClaim>[1]> = {}) => {
    state.nowMs = nowMs;
    keeper.noteClaim(group, { jobs: 200, isFull: false, reached: [], ...claim });
    await settled();
  };
  const floorOf = () => keeper.startOf(group).floors[0]?.floor;
  return { state, keeper, noteAt, floorOf };
};

test('a busy group takes readings with a gap between them', async () => {
  const { state, noteAt } = setUp();
  for (const nowMs of [0, 2, 9, 10, 12]) await noteAt(nowMs);
  expect(state.readings).toBe(2);
});

test('a group with few jobs takes readings seldom', async () => {
  const { state, noteAt } = setUp();
  for (const nowMs of [0, 100, 500, 999, 1_000, 1_100]) await noteAt(nowMs, { jobs: 1 });
  expect(state.readings).toBe(2);
});

test('a group that finds nothing learns its floor too', async () => {
  const { noteAt, floorOf } = setUp();
  for (const nowMs of [0, 1_000]) await noteAt(nowMs, { jobs: 0 });
  expect(floorOf()).toBe('100');
});

test('now and then a claim starts from zero, and the next one above the floor again', async () => {
  const { keeper, noteAt, floorOf } = setUp();
  await noteAt(0);
  await noteAt(50);
  expect(floorOf()).toBe('100');
  keeper.startAfresh();
  expect(floorOf()).toBeUndefined();
  expect(floorOf()).toBe('100');
});

test('a start from zero that takes long is repeated seldom', async () => {
  const { state, keeper, noteAt, floorOf } = setUp();
  await noteAt(0);
  await noteAt(50);
  keeper.startAfresh();
  floorOf();
  state.readingMs = 100;
  await noteAt(5_000);
  state.readingMs = 0;
  state.nowMs = 10_000;
  keeper.startAfresh();
  expect(floorOf()).toBe('200');
  await noteAt(14_999);
  state.nowMs = 15_000;
  keeper.startAfresh();
  expect(floorOf()).toBeUndefined();
});

test('full claims are followed by claims behind the last jobs taken, a short one by a claim from the floor', async () => {
  const { keeper, noteAt, floorOf } = setUp();
  await noteAt(0);
  await noteAt(50, { isFull: true, reached: [{ routeId: 7, floor: '150' }] });
  expect(keeper.startOf(group)).toEqual({ floors: [{ routeId: 7, floor: '150' }], isAhead: true });
  await noteAt(51);
  expect(keeper.startOf(group)).toEqual({ floors: [{ routeId: 7, floor: '100' }], isAhead: false });
  expect(floorOf()).toBe('100');
});

test('however full the claims are, every seventeenth starts from the floor', async () => {
  const { keeper, noteAt } = setUp();
  const starts: boolean[] = [];
  for (let claim = 0; claim < 34; claim++) {
    await noteAt(0, { isFull: true, reached: [{ routeId: 7, floor: '150' }] });
    starts.push(keeper.startOf(group).isAhead);
  }
  expect(starts.flatMap((isAhead, claim) => (isAhead ? [] : [claim]))).toEqual([16, 33]);
});

test('a reading that fails drops the floors', async () => {
  const { state, noteAt, floorOf } = setUp();
  await noteAt(0);
  await noteAt(50);
  state.isAway = true;
  await noteAt(100);
  expect(floorOf()).toBeUndefined();
});

test('a group without claims between two fresh starts is forgotten', async () => {
  const { keeper, noteAt, floorOf } = setUp();
  await noteAt(0);
  await noteAt(50);
  keeper.startAfresh();
  keeper.startAfresh();
  floorOf();
  expect(floorOf()).toBeUndefined();
});
