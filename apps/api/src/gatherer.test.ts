import { LongshoreError } from '@longshore/contract';
import { toLongshoreError } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { createGatherer, createKeyedGatherer } from './gatherer.ts';

const database = useDatabase();

/** A run whose end the test decides; `runs` are the batches so far. */
const steeredRun = () => {
  const runs: number[][] = [];
  const ends: (() => void)[] = [];
  const run = async (items: number[]): Promise<number[]> => {
    runs.push(items);
    await new Promise<void>((resolve) => {
      ends.push(resolve);
    });
    return items.map((item) => item * 10);
  };
  return { runs, run, endNext: () => ends.shift()!() };
};

test('an idle gatherer runs a call at once', () => {
  const { runs, run } = steeredRun();
  void createGatherer(run, { itemsMax: 10 }).call([1]);
  expect(runs).toEqual([[1]]);
});

test('calls that arrive during a run go out together, and each gets its own answers', async () => {
  const { runs, run, endNext } = steeredRun();
  const { call } = createGatherer(run, { itemsMax: 10 });
  const first = call([1]);
  const second = call([2, 3]);
  const third = call([4]);
  endNext();
  expect(await first).toEqual([10]);
  endNext();
  expect(await Promise.all([second, third])).toEqual([[20, 30], [40]]);
  expect(runs).toEqual([[1], [2, 3, 4]]);
});

test('a run holds no more than itemsMax, unless one caller brings more', async () => {
  const { runs, run, endNext } = steeredRun();
  const { call } = createGatherer(run, { itemsMax: 2 });
  const calls = [call([1]), call([2, 3, 4]), call([5]), call([6]), call([7])];
  for (const waited of [0, 1, 2, 4]) {
    endNext();
    await calls[waited];
  }
  expect(runs).toEqual([[1], [2, 3, 4], [5, 6], [7]]);
});

test('a second run starts beside the first only once a crowd waits', () => {
  const { runs, run } = steeredRun();
  const { call } = createGatherer(run, { itemsMax: 10, inFlightMax: 2, crowdItems: 3 });
  for (const item of [1, 2, 3, 4, 5, 6, 7]) void call([item]);
  expect(runs).toEqual([[1], [2, 3, 4]]);
});

test('one bad item fails its own caller and none of the neighbours', async () => {
  const runs: number[][] = [];
  const { call } = createGatherer(
    async (items: number[]) => {
      runs.push(items);
      await Promise.resolve();
      if (items.includes(3)) throw new LongshoreError('INVALID_INPUT', 'three');
      return items;
    },
    { itemsMax: 10 },
  );
  const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((item) => call([item])));
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
});

test('a database that is away is told to every caller without a second try', async () => {
  let runs = 0;
  const { call } = createGatherer<number, number>(
    async () => {
      runs += 1;
      await Promise.resolve();
      throw new LongshoreError('UNAVAILABLE', 'away');
    },
    { itemsMax: 10 },
  );
  const outcomes = await Promise.allSettled([call([1]), call([2]), call([3])]);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(runs).toBe(2);
});

test('one locked row among 1,000 costs its own caller alone', async () => {
  const { outcomes } = await callAll(1_000, (item) => item === 700);
  expect(outcomes.flatMap(({ status }, item) => (status === 'rejected' ? [item] : []))).toEqual([700]);
  expect(outcomes[700]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
});

test('when both halves of a batch meet a lock, all its callers are told at once', async () => {
  const { outcomes, sizes } = await callAll(1_000, () => true);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
  expect(sizes).toEqual([1, 999, 500, 499]);
});

test('when both halves of a half meet a lock, the other half has been done, and all the rest is told at once', async () => {
  const { outcomes, sizes } = await callAll(9, (item) => item === 5 || item === 8);
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 5 }, () => 'fulfilled'),
    ...Array.from({ length: 4 }, () => 'rejected'),
  ]);
  expect(sizes).toEqual([1, 8, 4, 4, 2, 2]);
});

test('a batch that lost an answer fails instead of mixing up callers', async () => {
  const { call } = createGatherer(async () => [1], { itemsMax: 10 });
  await expect(call(['a', 'b'])).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('keys do not wait for one another', () => {
  const { runs, run } = steeredRun();
  const call = createKeyedGatherer((key: number, items: number[]) => run([key, ...items]), { itemsMax: 10 });
  void call(1, [7]);
  void call(2, [8]);
  expect(runs).toEqual([
    [1, 7],
    [2, 8],
  ]);
});

/** Calls with one item each, of which the first goes alone; a run with a locked item ends as PostgreSQL ends it. */
const callAll = async (calls: number, isLocked: (item: number) => boolean) => {
  const sizes: number[] = [];
  const lockTimeout = await database
    .query("do $$ begin raise 'waited too long' using errcode = 'lock_not_available'; end $$")
    .catch(toLongshoreError);
  const { call } = createGatherer(
    async (items: number[]) => {
      sizes.push(items.length);
      await Promise.resolve();
      if (items.some(isLocked)) throw lockTimeout;
      return items;
    },
    { itemsMax: 1_000 },
  );
  const outcomes = await Promise.allSettled(Array.from({ length: calls }, (_, item) => call([item])));
  return { outcomes, sizes };
};
