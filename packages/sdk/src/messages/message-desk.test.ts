import type { AcknowledgeInput, DeliveredMessage } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import { createMessageDesk } from './message-desk.ts';

const told = (id: string): DeliveredMessage => ({ id, type: 'note', body: null });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A desk whose handler answers each message with its id once the test lets it. */
const openDesk = (acknowledge: (items: AcknowledgeInput['items']) => Promise<unknown>) => {
  const performed: string[] = [];
  const errors: unknown[] = [];
  const goOn = Promise.withResolvers<void>();
  const desk = createMessageDesk({
    perform: async ({ id }) => {
      performed.push(id);
      await goOn.promise;
      return id;
    },
    acknowledge,
    onPageDone: () => undefined,
    onError: (error) => errors.push(error),
  });
  return { desk, performed, errors, goOn };
};

describe('messages', () => {
  it('are done once, however often they are told while they are done and after', async () => {
    const acknowledged: unknown[] = [];
    const { desk, performed, goOn } = openDesk(async (items) => acknowledged.push(...items));
    desk.take([told('a')]);
    desk.take([told('a'), told('b')]);
    await settle();
    goOn.resolve();
    await settle();
    desk.take([told('a')]);
    await settle();

    expect(performed).toEqual(['a', 'b']);
    expect(acknowledged).toEqual([
      { messageId: 'a', reply: 'a' },
      { messageId: 'b', reply: 'b' },
      { messageId: 'a', reply: 'a' },
    ]);
  });

  it('are told again as done when the server did not hear of it, and not done again', async () => {
    let isAway = true;
    const acknowledged: unknown[] = [];
    const { desk, performed, errors, goOn } = openDesk(async (items) => {
      if (isAway) throw new Error('away');
      acknowledged.push(...items);
    });
    goOn.resolve();
    desk.take([told('a')]);
    await settle();
    expect(errors).toHaveLength(1);
    isAway = false;
    desk.take([told('a')]);
    await settle();

    expect(performed).toEqual(['a']);
    expect(acknowledged).toEqual([{ messageId: 'a', reply: 'a' }]);
  });

  it('are remembered up to a thousand that are done, and all that are under way', async () => {
    const { desk, performed, goOn } = openDesk(async () => undefined);
    const ids = Array.from({ length: 1_500 }, (_, place) => `m${place}`);
    desk.take(ids.map(told));
    desk.take(ids.map(told));
    expect(performed).toHaveLength(1_500);
    goOn.resolve();
    await settle();
    desk.take(ids.slice(-900).map(told));
    expect(performed).toHaveLength(1_500);
  });

  it('that are answered with what is no JSON, or too much of it, come back as failed beside the others', async () => {
    const acknowledged: AcknowledgeInput['items'] = [];
    const replies: Record<string, unknown> = { a: Number.NaN, b: 'x'.repeat(17_000), c: 1 };
    const desk = createMessageDesk({
      perform: async ({ id }) => replies[id],
      acknowledge: async (items) => acknowledged.push(...items),
      onPageDone: () => undefined,
      onError: () => undefined,
    });
    desk.take([told('a'), told('b'), told('c')]);
    await settle();
    expect(acknowledged).toMatchObject([
      { messageId: 'a', error: { code: 'INVALID_INPUT' } },
      { messageId: 'b', error: { code: 'INVALID_INPUT' } },
      { messageId: 'c', reply: 1 },
    ]);
  });
});
