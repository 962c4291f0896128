import type { Encoder } from '@trpc/server/adapters/ws';

/** Messages of one connection in a second; a dashboard opens some dozens of streams. */
const messagesASecondMax = 500;
/** tRPC's client sends what is asked for at the same time in one frame. */
export const messagesAFrameMax = 100;

const methods = new Set(['connectionParams', 'subscription', 'subscription.stop']);

export interface FrameReader extends Encoder {
  /** For frames that tRPC answers before it reads them: they count as messages all the same. */
  countKeepAlive(frame: Buffer): void;
}

/**
 * Reads and writes the frames of one connection. What opens or stops no subscription ends it, by `refuse`, as does a flood: in
 * tRPC's own reader every frame gets an answer, however many come.
 */
export const createFrameReader = (refuse: (reason: string) => void): FrameReader => {
  let count = 0;
  let secondEndsAtMs = 0;

  const refuseFrame = (reason: string): never => {
    refuse(reason);
    throw new Error(reason);
  };

  const countMessages = (messages: number): void => {
    if (performance.now() > secondEndsAtMs) {
      count = 0;
      secondEndsAtMs = performance.now() + 1_000;
    }
    count += messages;
  };

  return {
    countKeepAlive: (frame) => {
      if (!isKeepAlive(frame)) return;
      countMessages(1);
      if (count > messagesASecondMax) refuse('too many messages');
    },
    encode: (data) => JSON.stringify(data),
    decode: (data) => {
      if (typeof data !== 'string') return refuseFrame('messages are text');
      const frame = parseFrame(data);
      const messages: unknown[] = Array.isArray(frame) ? frame : [frame];
      countMessages(messages.length);
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

const isKeepAlive = (frame: Buffer): boolean =>
  frame.length === 4 && ['PING', 'PONG'].includes(frame.toString());

const parseFrame = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
