import { LongshoreError } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import { createGatherer } from './gatherer.ts';

/** A destination whose requests are answered when the test says so. */
const createDestination = () => {
  const requests: { items: number[]; answer(): void; refuse(error: unknown): void }[] = [];
  const send = (items: number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      requests.push({ items, answer: () => resolve(items.map((item) => item * 10)), refuse: reject });
    });
  return { requests, send };
};

const settleMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refuseOdd = (items: number[]): Promise<number[]> =>
  items.some((item) => item % 2)
    ? Promise.reject(new LongshoreError('INVALID_INPUT', 'odd'))
    : Promise.resolve(items);

describe('gatherer', () => {
  it('sends calls made together in one request and gives each its own answer', async () => {
    const { requests, send } = createDestination();
    const gatherer = createGatherer({ send, itemsMax: 10 });
    const answers = Promise.all([gatherer.add(1), gatherer.add(2), gatherer.add(3)]);
    await settleMicrotasks();
    expect(requests.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    requests[0]?.answer();
    expect(await answers).toEqual([10, 20, 30]);
  });

  it('collects what arrives while both flights are under way, and sends it together', async () => {
    const { requests, send } = createDestination();
    const gatherer = createGatherer({ send, itemsMax: 10 });
    for (const item of [1, 2, 3, 4]) {
      void gatherer.add(item);
      await settleMicrotasks();
    }
    expect(requests.map(({ items }) => items)).toEqual([[1], [2]]);
    requests[0]?.answer();
    await settleMicrotasks();
    expect(requests[2]?.items).toEqual([3, 4]);
  });

  it('never makes a batch larger than its limits, except for one item that is', async () => {
    const { requests, send } = createDestination();
    const gatherer = createGatherer({ send, itemsMax: 2, bytesMax: 100, flightsMax: 9 });
    for (const [item, bytes] of [
      [1, 10],
      [2, 10],
      [3, 10],
      [4, 95],
      [5, 500],
      [6, 1],
    ] as const) {
      void gatherer.add(item, bytes);
    }
    await settleMicrotasks();
    expect(requests.map(({ items }) => items)).toEqual([[1, 2], [3], [4], [5], [6]]);
  });

  it('refuses one bad item alone, and answers its neighbours', async () => {
    const gatherer = createGatherer({ send: refuseOdd, itemsMax: 10 });
    const outcomes = await Promise.allSettled([2, 4, 5, 6, 8].map((item) => gatherer.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it("passes trouble that is nobody's fault to everybody at once", async () => {
    const { requests, send } = createDestination();
    const gatherer = createGatherer({ send, itemsMax: 10 });
    const outcomes = Promise.allSettled([gatherer.add(1), gatherer.add(2)]);
    await settleMicrotasks();
    requests[0]?.refuse(new LongshoreError('UNAVAILABLE', 'away'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(requests).toHaveLength(1);
  });

  it('rejects an item whose answer is missing', async () => {
    const gatherer = createGatherer({ send: async (items: number[]) => items.slice(1), itemsMax: 10 });
    await expect(gatherer.add(1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
