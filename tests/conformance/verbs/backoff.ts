import type { Backoff } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { lease, scene } from '../scene.ts';

const error = { message: 'again' };

export const describeBackoff = (door: Door): void => {
  /** Fails the given attempt of a new job; answers how long it then has to wait, in seconds. */
  const waitAfter = async (attempt: number, backoff?: Backoff): Promise<number> => {
    const { submit, claimOne, job } = scene(door);
    const id = await submit({ maxAttempts: 1_000, ...(backoff && { backoff }) });
    await door.query('update longshore.jobs set attempt = $2, max_attempts = 32767 where id = $1', [
      id,
      attempt - 1,
    ]);
    // The last attempt a job can count is also the last that can be failed.
    const isLast = attempt === 32_767;
    const claimed = await claimOne();
    expect(claimed.attempt).toBe(attempt);
    if (isLast) await door.query('update longshore.jobs set attempt = 32766 where id = $1', [id]);
    await door.mine.fail([{ ...lease(claimed), error }]);
    const failed = await job(id);
    return (Date.parse(failed.runAt) - Date.parse(failed.attempts.at(-1)!.endedAt)) / 1_000;
  };

  test('a fixed backoff is the same after every attempt', async () => {
    const backoff = { type: 'fixed', baseSeconds: 60, jitter: 'none' } as const;
    for (const attempt of [1, 2, 310]) expect(await waitAfter(attempt, backoff)).toBeCloseTo(60, 2);
  });

  test('an exponential backoff doubles up to its cap', async () => {
    const backoff = { type: 'exponential', baseSeconds: 10, capSeconds: 75, jitter: 'none' } as const;
    const waits: number[] = [];
    for (const attempt of [1, 2, 3, 4, 5]) waits.push(Math.round(await waitAfter(attempt, backoff)));
    expect(waits).toEqual([10, 20, 40, 75, 75]);
  });

  test('full jitter spreads the wait between nothing and the backoff', async () => {
    const waits = await Promise.all(
      Array.from({ length: 12 }, () => waitAfter(1, { type: 'fixed', baseSeconds: 100, jitter: 'full' })),
    );
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(100);
    }
    expect(new Set(waits).size).toBeGreaterThan(10);
  });

  test.for([1, 310, 32_767])('B-49: the backoff after attempt %i does not overflow', async (attempt) => {
    const wait = await waitAfter(attempt, { type: 'exponential', baseSeconds: 1e6, jitter: 'none' });
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(315_576_000);
    const byDefault = await waitAfter(attempt);
    expect(byDefault).toBeGreaterThanOrEqual(0);
    expect(byDefault).toBeLessThanOrEqual(3_600);
  });
};
