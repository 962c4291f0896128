import { expect, test } from 'vitest';
import type { Site } from './site.ts';
import { untilFinal } from './watch.ts';

/** A database that has so many live jobs, look by look, and the last of them for ever. */
const withLive = (...counts: (number | Error)[]): Pick<Site, 'observe'> => ({
  observe: async <Row>() => {
    const live = counts.length > 1 ? counts.shift()! : counts[0]!;
    if (live instanceof Error) throw live;
    return [{ live }] as Row[];
  },
});

test('work that goes on is waited for, however slow and through whatever outage', async () => {
  expect(await untilFinal(withLive(9, 8, 8, new Error('away'), 7, 1, 0), 5_000)).toBeGreaterThan(0);
});

test('work that stands still is told from it', async () => {
  expect(await untilFinal(withLive(9, 8), 200)).toBeUndefined();
});
