import { expect, test } from 'vitest';
import { makeSchedule, mixedFaults } from './schedule.ts';
import { resizeTier, tiers } from './tiers.ts';

const ci = tiers.ci!;

test('the same seed gives the same schedule, another seed another', () => {
  expect(makeSchedule(ci, 7)).toEqual(makeSchedule(ci, 7));
  expect(makeSchedule(ci, 7)).not.toEqual(makeSchedule(ci, 8));
});

test('each type of fault comes once in each of its stretches, and ends with the mixed part', () => {
  const { faults, mixEndsAtMs } = makeSchedule(ci, 7);
  const mixed = faults.filter(({ isSolo }) => !isSolo);
  for (const type of mixedFaults) {
    const { everyMs } = ci.rhythms[type];
    const stretches = mixed
      .filter((fault) => fault.type === type)
      .map(({ atMs }) => Math.floor(atMs / everyMs));
    expect(new Set(stretches).size, type).toBe(stretches.length);
    expect(stretches.length, type).toBeGreaterThanOrEqual(Math.floor(ci.mixMs / everyMs));
  }
  expect(Math.max(...mixed.map(({ atMs, forMs }) => atMs + forMs))).toBeLessThanOrEqual(mixEndsAtMs);
});

test('another rhythm of one type leaves the others where they were', () => {
  const slower = {
    ...ci,
    rhythms: { ...ci.rhythms, 'kill api': { everyMs: 40_000, forMs: [0, 0] as const } },
  };
  const others = (of: typeof ci) =>
    makeSchedule(of, 7).faults.filter(({ type, isSolo }) => !isSolo && type !== 'kill api');
  expect(others(slower)).toEqual(others(ci));
});

test('single faults begin after the mixed part, and all of them before the end', () => {
  const { faults, mixEndsAtMs, endsAtMs } = makeSchedule(ci, 7);
  const solo = faults.filter(({ isSolo }) => isSolo);
  expect(solo).toHaveLength(3 + 10 + 20 + 2);
  for (const { atMs, forMs } of solo) {
    expect(atMs).toBeGreaterThan(mixEndsAtMs);
    expect(atMs + forMs).toBeLessThanOrEqual(endsAtMs);
  }
});

test('a run with other jobs keeps the pace of its tier', () => {
  expect(resizeTier(ci, ci.jobs)).toEqual(ci);
  const { mixMs, solo } = resizeTier(ci, ci.jobs / 2);
  expect(mixMs).toBe(ci.mixMs / 2);
  expect(solo).toEqual({ postgresRestarts: 2, workerKills: 5, listenerEnds: 10, halfOpenListeners: 1 });
});
