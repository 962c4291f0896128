import {
  type BuiltInMessage,
  type DeliveredMessage,
  isBuiltInMessage,
  type JsonValue,
} from '@longshore/contract';
import { toLongshoreError } from '../error-answer.ts';
import type { EngineCalls } from './engine-calls.ts';
import type { Message } from './frames.ts';
import type { Outbox } from './outbox.ts';

export interface DeliveriesOptions {
  calls: EngineCalls;
  sessionId: string;
  outbox: Outbox;
  /** What the server itself does of a message, before the worker hears of it. */
  obey: Partial<Record<BuiltInMessage, (body: JsonValue) => void>>;
}

/** Messages from the server to a worker. */
export interface Deliveries {
  /** Sends those that this connection has not brought yet. They come again on the next one until they are acknowledged. */
  deliver(messages: readonly DeliveredMessage[]): Promise<void>;
  /** The worker's word that a message is done, with a reply, or could not be. */
  acknowledge(message: Message): Promise<void>;
}

const deliveredMax = 10_000;

/** What the protocol itself says to workers: a message of such a type would be taken for it. */
const ownTypes = /^(work_|worker_registration|heartbeat|error$|goodbye|drain_ack$|resume_ack$|message_)/;

export const createDeliveries = ({ calls, sessionId, outbox, obey }: DeliveriesOptions): Deliveries => {
  /** By id: false while the server itself has yet to say that it is done. */
  const delivered = new Map<string, boolean>();

  const settle = async (messageId: string, refusal?: string): Promise<void> => {
    delivered.set(messageId, false);
    const error = refusal === undefined ? {} : { error: { message: refusal } };
    await calls.acknowledge({ sessionId, items: [{ messageId, ...error }] });
    delivered.set(messageId, true);
  };

  const deliverOne = async ({ id, type, body }: DeliveredMessage): Promise<void> => {
    if (ownTypes.test(type)) return settle(id, 'messages of this type are the protocol’s own');
    if (delivered.get(id) === false) return settle(id);
    if (delivered.has(id)) return;
    if (delivered.size >= deliveredMax) delivered.delete(delivered.keys().next().value!);
    delivered.set(id, true);
    const act = isBuiltInMessage(type) ? obey[type] : undefined;
    act?.(body);
    outbox.send({ ...fieldsOf(body), type, messageId: id });
    if (act) await settle(id);
  };

  return {
    deliver: async (messages) => {
      for (const message of messages) await deliverOne(message);
    },
    acknowledge: async ({ messageId, reply, error }) => {
      const item = {
        messageId,
        ...(reply !== undefined && { reply }),
        ...(error !== undefined && { error }),
      };
      await calls.acknowledge({ sessionId, items: [item as { messageId: string }] });
    },
  };
};

/** A body that is no object stands in a field of its own. */
const fieldsOf = (body: JsonValue): { [field: string]: JsonValue } => {
  if (body === null) return {};
  return typeof body === 'object' && !Array.isArray(body) ? body : { body };
};

/** Tells the server's handlers what a worker says that is no part of the protocol; answers when it was asked by id. */
export const passOn = async (
  { calls, sessionId, outbox }: Pick<DeliveriesOptions, 'calls' | 'sessionId' | 'outbox'>,
  { type, messageId, ...fields }: Message,
  makeId: () => string,
): Promise<void> => {
  const isAsked = messageId !== undefined;
  const sent = {
    sessionId,
    messageId: (isAsked ? messageId : makeId()) as string,
    type,
    body: fields as JsonValue,
  };
  try {
    const answer = await calls.send(sent);
    if (isAsked) outbox.send({ type: 'message_reply', messageId, ...answer });
  } catch (thrown) {
    const error = toLongshoreError(thrown);
    if (!isAsked) throw error;
    outbox.send({ type: 'error', action: type, messageId, error: error.toBody() });
  }
};
