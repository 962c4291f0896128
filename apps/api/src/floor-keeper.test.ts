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
  const state = { nowMs: 0, readings: 0, isAway: false };
  const keeper = createFloorKeeper({
    read: async () => {
      state.readings += 1;
      if (state.isAway) throw new Error('away');
      const firstKey = String(state.readings * 100);
      return { xmin: '1', xmax: '1', lanes: [{ routeId: 7, firstKey }] };
    },
    onError: () => {},
    nowMs: () => state.nowMs,
  });
  const noteAt = async (nowMs: number) => {
    state.nowMs = nowMs;
    keeper.noteJobs(group);
    await settled();
  };
  return { state, keeper, noteAt };
};

test('a busy group takes readings with a gap between them', async () => {
  const { state, noteAt } = setUp();
  for (const nowMs of [0, 10, 49, 50, 60]) await noteAt(nowMs);
  expect(state.readings).toBe(2);
});

test('now and then a claim starts from zero, and the next one above the floor again', async () => {
  const { keeper, noteAt } = setUp();
  await noteAt(0);
  await noteAt(50);
  expect(keeper.takeFloors(group)).toEqual([{ routeId: 7, floor: '100' }]);
  keeper.startAfresh();
  expect(keeper.takeFloors(group)).toEqual([]);
  expect(keeper.takeFloors(group)).toEqual([{ routeId: 7, floor: '100' }]);
});

test('a reading that fails drops the floors', async () => {
  const { state, keeper, noteAt } = setUp();
  await noteAt(0);
  await noteAt(50);
  state.isAway = true;
  await noteAt(100);
  expect(keeper.takeFloors(group)).toEqual([]);
});

test('a group without jobs between two fresh starts is forgotten', async () => {
  const { keeper, noteAt } = setUp();
  await noteAt(0);
  await noteAt(50);
  keeper.startAfresh();
  keeper.startAfresh();
  keeper.takeFloors(group);
  expect(keeper.takeFloors(group)).toEqual([]);
});
