import { afterEach, expect, test, vi } from 'vitest';
import { startHearing } from './hearing.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a worker is quiet once it was not heard for long enough, until it is heard again', async () => {
  vi.useFakeTimers();
  const changes: boolean[] = [];
  const hearing = startHearing({ quietMs: 5_000, onChange: () => changes.push(hearing.isQuiet) });
  vi.advanceTimersByTime(4_999);
  hearing.hear();
  vi.advanceTimersByTime(4_999);
  expect(changes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(changes).toEqual([true]);
  const heard = hearing.untilHeard(new AbortController().signal);
  hearing.hear();
  await heard;
  vi.advanceTimersByTime(5_000);
  expect(changes).toEqual([true, false, true]);
  hearing.stop();
});
