import { type ErrorBody, LongshoreError } from '@longshore/contract';
import { baseOf, type Connection } from '../transport.ts';
import { nextWithin } from './silence.ts';
import { type OpenSubscription, type StreamedEvent, silenceMsMax } from './subscription.ts';

/** Events that wait to be taken. A WebSocket cannot be told to wait, so one that is read too slowly is closed, and gone on from later. */
const waitingMax = 500;

/** What tRPC says over a WebSocket. */
interface Message {
  result?: { type: 'started' | 'data' | 'stopped'; id?: string; data?: unknown };
  error?: { data?: { longshore?: ErrorBody } };
}

/** Subscriptions over WebSockets, each over one of its own. Throws INVALID_INPUT where there is none. */
export const createSocketSubscriptions = (connection: Connection): OpenSubscription => {
  const { url, apiKey, WebSocket = globalThis.WebSocket } = connection;
  if (WebSocket === undefined) throw noWebSocket();
  const address = `${baseOf(url).replace(/^http/, 'ws')}/trpc?connectionParams=1`;

  return async function* ({ path, input }, signal) {
    const inbox = createInbox();
    const socket = new WebSocket(address);
    const hangUp = (): void => inbox.fail(signal.reason);
    signal.addEventListener('abort', hangUp, { once: true });
    if (signal.aborted) hangUp();
    socket.addEventListener('open', () => {
      socket.send(
        JSON.stringify({ method: 'connectionParams', data: { authorization: `Bearer ${apiKey}` } }),
      );
      socket.send(JSON.stringify({ id: 1, method: 'subscription', params: { path, input } }));
    });
    socket.addEventListener('message', ({ data }) => {
      // The server asks whether anybody is there; while nothing happens it says nothing else.
      if (data !== 'PING') return receive(String(data), inbox, socket);
      socket.send('PONG');
      inbox.stir();
    });
    socket.addEventListener('error', () => inbox.fail(cutOff()));
    socket.addEventListener('close', () => inbox.fail(cutOff()));
    try {
      for (;;) {
        const message = await nextWithin(silenceMsMax, inbox.next, inbox.fail);
        if (message.result?.type === 'stopped') return;
        const event = readMessage(message);
        if (event) yield event;
      }
    } finally {
      signal.removeEventListener('abort', hangUp);
      socket.close();
    }
  };
};

const receive = (text: string, inbox: Inbox, socket: WebSocket): void => {
  try {
    if (!inbox.add(JSON.parse(text))) socket.close();
  } catch {
    inbox.fail(cutOff());
  }
};

const readMessage = ({ result, error }: Message): StreamedEvent | undefined => {
  if (error?.data?.longshore) throw LongshoreError.fromBody(error.data.longshore);
  if (error)
    throw new LongshoreError('INTERNAL', 'The server ended the stream with an error of another kind.');
  if (result?.type !== 'data') return undefined;
  if (result.id === undefined) return { id: undefined, data: result.data };
  return { id: result.id, data: (result.data as { data: unknown }).data };
};

/** Messages in their order; then the error, if there is one. */
interface Inbox {
  next(): Promise<Message>;
  /** False when too many wait. */
  add(message: Message): boolean;
  /** Wakes who waits for a message, with one that says nothing. */
  stir(): void;
  fail(error: unknown): void;
}

const createInbox = (): Inbox => {
  const waiting: Message[] = [];
  let failure: { error: unknown } | undefined;
  let wake = (): void => {};

  const next = async (): Promise<Message> => {
    for (;;) {
      const message = waiting.shift();
      if (message) return message;
      if (failure) throw failure.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const add = (message: Message): boolean => {
    if (failure) return true;
    waiting.push(message);
    wake();
    return waiting.length < waitingMax;
  };

  return {
    next,
    add,
    stir: () => {
      if (waiting.length === 0) add({});
    },
    fail: (error) => {
      failure ??= { error };
      wake();
    },
  };
};

const noWebSocket = (): LongshoreError =>
  new LongshoreError('INVALID_INPUT', 'This runtime has no WebSocket.', {
    field: 'WebSocket',
    hint: "Give createClient one, such as that of the package ws, or leave `streams` to 'sse'.",
  });

const cutOff = (): LongshoreError =>
  new LongshoreError('UNAVAILABLE', 'The connection ended before the stream did.');
