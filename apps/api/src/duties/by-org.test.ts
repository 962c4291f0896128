import { expect, test } from 'vitest';
import { createByOrg } from './by-org.ts';

const setUp = (failing: Set<number>) => {
  const state = { nowMs: 0, asked: [] as number[], errors: [] as unknown[] };
  const byOrg = createByOrg({ onError: (error) => state.errors.push(error), nowMs: () => state.nowMs });
  const run = (...orgIds: number[]): Promise<number> =>
    byOrg(
      orgIds.map((orgId) => ({ orgId })),
      async (orgId, items) => {
        state.asked.push(orgId);
        if (failing.has(orgId)) throw new Error(`org ${orgId}`);
        return items.length;
      },
    );
  return { state, run };
};

test('an org that fails is told of once, and those behind it have their turn', async () => {
  const { state, run } = setUp(new Set([1, 3]));
  expect(await run(1, 2, 2, 3, 4)).toBe(3);
  expect(state.asked).toEqual([1, 2, 3, 4]);
  expect(state.errors).toEqual([new Error('org 1'), new Error('org 3')]);
});

test('an org that goes on failing is asked more and more seldom, the others as ever', async () => {
  const { state, run } = setUp(new Set([1]));
  for (let second = 0; second < 10; second++) {
    state.nowMs = second * 1_000;
    expect(await run(1, 2)).toBe(1);
  }
  expect(state.asked.filter((orgId) => orgId === 2)).toHaveLength(10);
  // At 0, 1, 3 and 7 seconds.
  expect(state.errors).toHaveLength(4);
});

test('an org that recovers is as good as any', async () => {
  const failing = new Set([1]);
  const { state, run } = setUp(failing);
  await run(1);
  failing.clear();
  state.nowMs = 1_000;
  expect(await run(1)).toBe(1);
  expect(await run(1)).toBe(1);
});
