import { Readable } from 'node:stream';
import { isTrackedEnvelope } from '@trpc/server';

export interface EventStreamOptions {
  /** What a subscription answered; each item may be `tracked`. */
  events: AsyncIterable<unknown>;
  /** What the client is told of an error. */
  shapeOf(error: unknown): unknown;
  /** Between two signs of life while there is nothing to say. Default 5,000. */
  pingMs?: number;
}

/**
 * Events in the form in which tRPC's subscriptions travel over Server-Sent Events. An event is asked for when the reader has
 * taken those before it, so that whoever reads slowly holds one. tRPC's own producer puts five web streams between the two,
 * which hold several events each.
 */
export const createEventStream = ({ events, shapeOf, pingMs = 5_000 }: EventStreamOptions): Readable => {
  const iterator = events[Symbol.asyncIterator]();
  let isAsking = false;

  const ask = async (): Promise<void> => {
    try {
      const { done, value } = await iterator.next();
      body.push(done ? frame({ event: 'return', data: '' }) : frameOf(value));
      if (done) body.push(null);
    } catch (error) {
      body.push(frame({ event: 'serialized-error', data: JSON.stringify(shapeOf(error)) }));
      body.push(null);
    }
  };

  const body = new Readable({
    highWaterMark: 1,
    read: () => {
      if (isAsking) return;
      isAsking = true;
      void ask().finally(() => {
        isAsking = false;
        // A reader who waits has taken what was pushed already, and asked while this was still under way.
        if (!body.destroyed && body.readableLength === 0) body.read(0);
      });
    },
    destroy: (error, done) => {
      clearInterval(pings);
      void iterator.return?.();
      done(error);
    },
  });
  const pings = setInterval(() => {
    // Behind what a slow reader has not taken yet a sign of life says nothing.
    if (body.readableLength === 0 && !body.readableEnded) body.push(frame({ event: 'ping', data: '' }));
  }, pingMs).unref();
  body.once('end', () => clearInterval(pings));
  body.push(frame({ event: 'connected', data: '{}' }));
  return body;
};

const frameOf = (item: unknown): string => {
  if (!isTrackedEnvelope(item)) return frame({ data: JSON.stringify(item) });
  const [id, data] = item;
  return frame({ data: JSON.stringify(data), id });
};

const frame = (fields: { event?: string; data: string; id?: string }): string =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;
