import { type ErrorBody, LongshoreError } from '@longshore/contract';
import { readAnswer } from '../call-failure.ts';
import type { HttpRequest, HttpStream, OpenStream } from '../transport.ts';
import { createEventReader } from './event-reader.ts';
import { nextWithin } from './silence.ts';
import { type OpenSubscription, type StreamedEvent, silenceMsMax } from './subscription.ts';

/** Subscriptions as Server-Sent Events, each over a request of its own. */
export const createSseSubscriptions = (open: OpenStream, apiKey: string): OpenSubscription =>
  async function* ({ path, input }, caller) {
    const connection = new AbortController();
    const hangUp = (): void => connection.abort(caller.reason);
    caller.addEventListener('abort', hangUp, { once: true });
    if (caller.aborted) hangUp();
    try {
      const request: HttpRequest = {
        method: 'GET',
        path: `/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`,
        headers: { accept: 'text/event-stream', authorization: `Bearer ${apiKey}` },
        body: undefined,
      };
      yield* readEvents(() => open(request, connection.signal), connection);
    } catch (thrown) {
      // The transport wraps the reason of an abort in an error of its own.
      throw connection.signal.aborted ? connection.signal.reason : thrown;
    } finally {
      caller.removeEventListener('abort', hangUp);
      connection.abort();
    }
  };

async function* readEvents(
  open: () => Promise<HttpStream>,
  connection: AbortController,
): AsyncGenerator<StreamedEvent, void> {
  const giveUp = (reason: LongshoreError): void => connection.abort(reason);
  const stream = await nextWithin(silenceMsMax, open, giveUp);
  if (stream.status !== 200 || !stream.contentType.includes('text/event-stream')) {
    const text = await nextWithin(silenceMsMax, () => readText(stream.chunks), giveUp);
    readAnswer({ ...stream, text });
    throw new LongshoreError('INTERNAL', 'The server answered something else than a stream of events.');
  }
  const readEventsIn = createEventReader();
  const decoder = new TextDecoder();
  const chunks = stream.chunks[Symbol.asyncIterator]();
  for (;;) {
    const chunk = await nextWithin(silenceMsMax, () => chunks.next(), giveUp);
    if (chunk.done) throw cutOff();
    for (const { event, data, id } of readEventsIn(decoder.decode(chunk.value, { stream: true }))) {
      if (event === 'return') return;
      if (event === 'serialized-error') throw toError(data);
      if (event === 'message') yield { id, data: JSON.parse(data) };
    }
  }
}

const readText = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
};

const toError = (data: string): LongshoreError => {
  const { data: details } = JSON.parse(data) as { data?: { longshore?: ErrorBody } };
  if (details?.longshore) return LongshoreError.fromBody(details.longshore);
  return new LongshoreError('INTERNAL', 'The server ended the stream with an error of another kind.');
};

const cutOff = (): LongshoreError =>
  new LongshoreError('UNAVAILABLE', 'The connection ended before the stream did.');
