import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createWaiters } from './waiters.ts';

test('a wait ends with a wake or with its signal, and leaves nothing on the signal', async () => {
  const waiters = createWaiters();
  const ending = new AbortController();
  for (let times = 0; times < 3; times += 1) {
    const woken = waiters.join(ending.signal);
    waiters.wakeAll();
    await woken;
  }
  expect(getEventListeners(ending.signal, 'abort')).toHaveLength(0);
  const given = waiters.join(ending.signal);
  ending.abort();
  await given;
  await waiters.join(ending.signal);
  expect(getEventListeners(ending.signal, 'abort')).toHaveLength(0);
});
