import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSocketSubscriptions } from './socket-subscription.ts';
import { createSseSubscriptions } from './sse-subscription.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
const request = { path: 'jobs.watch', input: {} };

/** A watch over a WebSocket whose other side is the test. */
const watchOverSocket = () => {
  const sent: string[] = [];
  const socket = Object.assign(new EventTarget(), {
    send: (text: string) => sent.push(text),
    close: () => socket.dispatchEvent(new Event('close')),
  });
  const WebSocket = function open() {
    return socket;
  } as unknown as typeof globalThis.WebSocket;
  const open = createSocketSubscriptions({ url: 'http://quiet.invalid', apiKey: 'none', WebSocket });
  const events = open(request, new AbortController().signal)[Symbol.asyncIterator]();
  const say = (data: string): unknown => socket.dispatchEvent(new MessageEvent('message', { data }));
  return { first: events.next(), say, sent };
};

describe('a watch', () => {
  it('over a WebSocket outlives any quiet in which the server asks whether it is there', async () => {
    const { first, say, sent } = watchOverSocket();
    for (let pings = 0; pings < 10; pings++) {
      await pass(5);
      say('PING');
    }
    expect(sent).toEqual(Array.from({ length: 10 }, () => 'PONG'));
    say(JSON.stringify({ result: { type: 'data', data: 'news' } }));
    await expect(first).resolves.toEqual({ done: false, value: { id: undefined, data: 'news' } });
  });

  it('over a WebSocket ends when the server says nothing at all', async () => {
    const refused = expect(watchOverSocket().first).rejects.toMatchObject({ code: 'TIMEOUT' });
    await pass(15);
    await refused;
  });

  it('over a WebSocket ends, to be opened anew, at what is no message', async () => {
    const { first, say } = watchOverSocket();
    const refused = expect(first).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await pass(0);
    say('{"result":');
    await refused;
  });

  it('over HTTP ends when a refusal never comes to its end', async () => {
    const open = createSseSubscriptions(
      async (_request, signal) => ({
        status: 503,
        contentType: 'text/html',
        retryAfter: undefined,
        chunks: untilAborted(signal),
      }),
      'none',
    );
    const events = open(request, new AbortController().signal)[Symbol.asyncIterator]();
    const refused = expect(events.next()).rejects.toMatchObject({ code: 'TIMEOUT' });
    await pass(15);
    await refused;
  });
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<html>');
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
