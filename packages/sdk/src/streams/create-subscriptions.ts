import { type Connection, createStreams } from '../transport.ts';
import { createSocketSubscriptions } from './socket-subscription.ts';
import { createSseSubscriptions } from './sse-subscription.ts';
import { type SubscribeOptions, subscribe } from './subscribe.ts';
import type { StreamedEvent } from './subscription.ts';

/** Opens subscriptions by the path of their procedure. The types of inputs and events are the caller's to know. */
export type Subscriptions = (
  path: string,
  input: Record<string, unknown>,
  options?: SubscribeOptions,
) => AsyncGenerator<StreamedEvent, void>;

/** Subscriptions over what the connection says. Throws INVALID_INPUT for what is no url, and where there is no WebSocket. */
export const createSubscriptions = (connection: Connection): Subscriptions => {
  const open =
    connection.streams === 'websocket'
      ? createSocketSubscriptions(connection)
      : createSseSubscriptions(createStreams(connection), connection.apiKey);
  return (path, input, options) => subscribe(open, path, input, options);
};
