import { describe, expect, it } from 'vitest';
import { watchLoop } from './loop-watch.ts';

/** A watch whose clock and timer the test holds. */
const createTestWatch = () => {
  let now = 0;
  let tick = (): void => undefined;
  const watch = watchLoop({
    nowMs: () => now,
    startInterval: (run) => {
      tick = run;
      return setInterval(() => undefined, 3_600_000);
    },
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  const turn = (gapsMs: number[]): void => {
    for (const ms of gapsMs) {
      pass(ms);
      tick();
    }
  };
  return { watch, pass, turn };
};

describe('loop watch', () => {
  it('sees no stall in a loop that gets round, even if a little late', () => {
    const { watch, turn } = createTestWatch();
    turn([1_000, 1_200, 1_900, 1_000]);
    expect(watch.stalledMs()).toBe(0);
    watch.stop();
  });

  it('sees a stall before the timer has told of it, and still right after', () => {
    const { watch, pass, turn } = createTestWatch();
    turn([1_000]);
    pass(9_000);
    expect(watch.stalledMs()).toBe(8_000);
    turn([10]);
    expect(watch.stalledMs()).toBe(7_990);
    watch.stop();
  });

  it('adds up stalls with hardly a turn between them', () => {
    const { watch, turn } = createTestWatch();
    turn([4_000, 4_000, 4_000]);
    expect(watch.stalledMs()).toBe(9_000);
    watch.stop();
  });

  it('forgets a stall once the loop got round for as long', () => {
    const { watch, turn } = createTestWatch();
    turn([6_000, 1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(watch.stalledMs()).toBe(0);
    watch.stop();
  });
});
