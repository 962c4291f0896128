import { expect, test } from 'vitest';
import type { Duty } from './duty.ts';
import { createDutyRunner } from './duty-runner.ts';

/** Runs the duty until it has run `times`, then stops the runner. */
const runTimes = async (
  times: number,
  runOnce: (run: number) => Promise<number>,
  duty: Partial<Duty> = {},
) => {
  const errors: unknown[] = [];
  let runs = 0;
  await new Promise<void>((resolve) => {
    const runner = createDutyRunner({
      duties: [
        {
          name: 'test',
          intervalMs: 1,
          batchMax: 10,
          ...duty,
          runOnce: async () => {
            runs += 1;
            const done = await runOnce(runs).finally(() => {
              if (runs === times) void runner.stop().then(resolve);
            });
            return done;
          },
        },
      ],
      onError: (_duty, error) => errors.push(error),
      random: () => 0,
    });
    runner.start();
  });
  return { runs, errors };
};

test('a duty never runs beside itself', async () => {
  let running = 0;
  let mostAtOnce = 0;
  await runTimes(5, async () => {
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return 0;
  });
  expect(mostAtOnce).toBe(1);
});

test('a duty that fails is told of and runs again', async () => {
  const { runs, errors } = await runTimes(2, async (run) => {
    if (run === 1) throw new Error('away');
    return 0;
  });
  expect(runs).toBe(2);
  expect(errors).toHaveLength(1);
});

test('a full batch is followed by the next at once', async () => {
  const { runs } = await runTimes(3, async () => 10, { intervalMs: 1_000_000 });
  expect(runs).toBe(3);
});

test('a runner that stops waits for the run under way and starts no other', async () => {
  let isDone = false;
  const { runs } = await runTimes(1, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isDone = true;
    return 10;
  });
  expect(runs).toBe(1);
  expect(isDone).toBe(true);
});

test('a duty that is hurried does not wait for its interval', async () => {
  const runs: number[] = [];
  await new Promise<void>((resolve) => {
    const runner = createDutyRunner({
      duties: [
        {
          name: 'test',
          intervalMs: 1_000_000,
          batchMax: 10,
          runOnce: async () => {
            if (runs.push(0) === 2) void runner.stop().then(resolve);
            else runner.hurry('test');
            return 0;
          },
        },
      ],
      onError: () => {},
      random: () => 0,
    });
    runner.start();
  });
  expect(runs).toHaveLength(2);
});
