import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Received {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks at, it asserts.
  [field: string]: any;
}

/** A worker as a program of another make would be: it speaks JSON over a WebSocket and knows nothing of us. */
export interface SocketWorker {
  socket: WebSocket;
  /** All that came, in order. */
  received: Received[];
  send(message: unknown): void;
  /** The next message of this type that was not answered by this before. */
  next(type: string): Promise<Received>;
  register(fields?: object): Promise<Received>;
  /** The code and reason of the close. */
  closed: Promise<string>;
}

export const models = [
  {
    modelId: 'sonnet',
    displayName: 'Sonnet',
    maxContextTokens: 200_000,
    maxOutputTokens: 8_192,
    supportsStreaming: true,
  },
];

export const openSocketWorker = async (
  url: string,
  options: { workerId?: string; authToken?: string; headers?: Record<string, string>; path?: string } = {},
): Promise<SocketWorker> => {
  const { workerId = 'worker-1', authToken, headers = {}, path = '/workers/socket' } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers });
  const received: Received[] = [];
  const waiting: { type: string; take(message: Received): void }[] = [];
  const unread: Received[] = [];
  // Not by `once`, which rejects for an error that comes first.
  const closed = new Promise<string>((resolve) => {
    socket.on('close', (code, reason) => resolve(`${code} ${reason}`));
  });
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Received;
    received.push(message);
    const place = waiting.findIndex(({ type }) => type === message.type);
    if (place < 0) unread.push(message);
    else waiting.splice(place, 1)[0]!.take(message);
  });
  await once(socket, 'open');
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  const next = async (type: string): Promise<Received> => {
    const place = unread.findIndex((message) => message.type === type);
    if (place >= 0) return unread.splice(place, 1)[0]!;
    const message = new Promise<Received>((take) => waiting.push({ type, take }));
    const early = closed.then((how) => Promise.reject(new Error(`closed (${how}) before a ${type}`)));
    return Promise.race([message, early]);
  };
  return {
    socket,
    received,
    send,
    next,
    closed,
    register: (fields = {}) => {
      send({
        type: 'worker_registration',
        workerId,
        workerName: 'Worker One',
        capabilities: { models, maxConcurrentRequests: 2 },
        ...(authToken !== undefined && { authToken }),
        ...fields,
      });
      return next('worker_registration_ack');
    },
  };
};
