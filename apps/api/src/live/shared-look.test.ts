import { eventually } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { createSharedLook } from './shared-look.ts';
import { createTurns } from './turns.ts';

const take = async <Value>(count: number, values: AsyncIterable<Value>): Promise<Value[]> => {
  const taken: Value[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
};

test('what many follow is looked at once for all of them, and each sees every look that he has time for', async () => {
  let looks = 0;
  const shared = createSharedLook(async (key: string) => `${key} ${++looks}`, { pauseMs: 1 });
  const { signal } = new AbortController();
  const seen = await Promise.all(Array.from({ length: 50 }, () => take(3, shared.follow('a', signal))));
  expect(new Set(seen.map(String)).size).toBe(1);
  expect(seen[0]).toEqual(['a 1', 'a 2', 'a 3']);
});

test('a look that fails ends the following of those who are there, and the next look is tried all the same', async () => {
  let looks = 0;
  const shared = createSharedLook(
    async () => {
      looks += 1;
      if (looks === 1) throw new Error('away');
      return looks;
    },
    { pauseMs: 1 },
  );
  const { signal } = new AbortController();
  await expect(take(1, shared.follow('a', signal))).rejects.toThrow('away');
  const retry = () => take(1, shared.follow('a', signal)).catch(() => undefined);
  expect(await eventually(retry)).toEqual([expect.any(Number)]);
});

test('following ends with its signal, while it waits too', async () => {
  const shared = createSharedLook(async () => 'the same', { pauseMs: 600_000 });
  const caller = new AbortController();
  const following = shared.follow('a', caller.signal);
  expect((await following.next()).value).toBe('the same');
  const next = following.next();
  caller.abort();
  expect((await next).done).toBe(true);
});

test('of all that is followed only so much is looked at together, all in their turn, and nothing that nobody follows any more', async () => {
  const looks: { key: number; end(): void }[] = [];
  const look = (key: number) =>
    new Promise<number>((resolve) => looks.push({ key, end: () => resolve(key) }));
  const shared = createSharedLook(look, { pauseMs: 600_000, turns: createTurns(2) });
  const caller = new AbortController();
  const following = [1, 2, 3, 4].map((key) => {
    const signal = key === 3 ? caller.signal : new AbortController().signal;
    return take(1, shared.follow(key, signal));
  });
  await new Promise(setImmediate);
  expect(looks.map(({ key }) => key)).toEqual([1, 2]);
  caller.abort();
  expect(await following[2]).toEqual([]);
  looks[0]!.end();
  await eventually(() => looks.length === 3);
  for (const { end } of looks) end();
  expect(await Promise.all(following)).toEqual([[1], [2], [], [4]]);
  expect(looks.map(({ key }) => key)).toEqual([1, 2, 4]);
});
