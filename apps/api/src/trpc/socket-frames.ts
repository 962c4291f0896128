import type { Encoder } from '@trpc/server/adapters/ws';

/** Messages of one connection in a second; a dashboard opens some dozens of streams. */
const messagesASecondMax = 500;
/** tRPC's client sends what is asked for at the same time in one frame. */
export const messagesAFrameMax = 100;

const methods = new Set(['connectionParams', 'subscription', 'subscription.stop']);

/**
 * Reads and writes the frames of one connection. What opens or stops no subscription ends it, by `refuse`, as does a flood: in
 * tRPC's own reader every frame gets an answer, however many come.
 */
export const createFrameReader = (refuse: (reason: string) => void): Encoder => {
  let count = 0;
  let secondEndsAtMs = 0;

  const refuseFrame = (reason: string): never => {
    refuse(reason);
    throw new Error(reason);
  };

  return {
    encode: (data) => JSON.stringify(data),
    decode: (data) => {
      if (performance.now() > secondEndsAtMs) {
        count = 0;
        secondEndsAtMs = performance.now() + 1_000;
      }
      if (typeof data !== 'string') return refuseFrame('messages are text');
      const frame = parseFrame(data);
      const messages: unknown[] = Array.isArray(frame) ? frame : [frame];
      count += messages.length;
      if (messages.length > messagesAFrameMax || count > messagesASecondMax)
        return refuseFrame('too many messages');
      for (const message of messages) {
        if (!isObject(message)) return refuseFrame('messages are JSON objects');
        if (!methods.has(String(message.method)))
          return refuseFrame('only subscriptions are taken over WebSocket');
      }
      return frame;
    },
  };
};

const parseFrame = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
