import {
  type AcknowledgeInput,
  type DeliveredMessage,
  findJsonFault,
  type JsonValue,
  LongshoreError,
  limits,
  storedBytesOf,
} from '@longshore/contract';
import { createGatherer } from '../gatherer.ts';

export interface MessageDeskOptions {
  /** Does what a message asks, and answers it. */
  perform(message: DeliveredMessage): Promise<unknown>;
  /** Tells the server; repeated by itself while that is away. */
  acknowledge(items: AcknowledgeInput['items']): Promise<unknown>;
  /** A page of messages is acknowledged: the next one may be waiting. */
  onPageDone(): void;
  onError(error: unknown): void;
}

/** Where the messages of a session arrive. */
export interface MessageDesk {
  /** Takes what a heartbeat's answer carried. What was done before is acknowledged again, and not done again. */
  take(messages: readonly DeliveredMessage[]): void;
}

type Acknowledgement = AcknowledgeInput['items'][number];

/** The server tells a message until it is acknowledged, and forgets it then; it holds a thousand at most. */
const rememberedMax = limits.messagesWaitingMax;

/** Has each message done once, however often it is delivered. */
export const createMessageDesk = (options: MessageDeskOptions): MessageDesk => {
  const { perform, acknowledge, onPageDone, onError } = options;
  /** The answer once there is one; those that are acknowledged, or being acknowledged, are noted too. */
  const known = new Map<string, Acknowledgement | 'under way'>();
  const telling = new Set<string>();
  const acknowledgements = createGatherer<Acknowledgement, true>({
    send: async (items) => {
      await acknowledge(items);
      return items.map(() => true);
    },
    itemsMax: limits.batchJobsMax,
  });

  const tell = async (answer: Acknowledgement): Promise<void> => {
    if (telling.has(answer.messageId)) return;
    telling.add(answer.messageId);
    try {
      await acknowledgements.add(answer);
      if (telling.size === 1) onPageDone();
    } catch (error) {
      onError(error);
    } finally {
      telling.delete(answer.messageId);
    }
  };

  const remember = (id: string, answer: Acknowledgement | 'under way'): void => {
    known.set(id, answer);
    for (const [oldest, told] of known) {
      if (known.size <= rememberedMax) return;
      if (told !== 'under way') known.delete(oldest);
    }
  };

  const carryOut = async (message: DeliveredMessage): Promise<void> => {
    remember(message.id, 'under way');
    const answer = await answerOf(message, perform, onError);
    remember(message.id, answer);
    await tell(answer);
  };

  return {
    take: (messages) => {
      for (const message of messages) {
        const answer = known.get(message.id);
        if (answer === undefined) void carryOut(message);
        else if (answer !== 'under way') void tell(answer);
      }
    },
  };
};

const answerOf = async (
  message: DeliveredMessage,
  perform: MessageDeskOptions['perform'],
  onError: (error: unknown) => void,
): Promise<Acknowledgement> => {
  const messageId = message.id;
  try {
    const reply = await perform(message);
    return reply === undefined ? { messageId } : { messageId, reply: requireSendable(reply) };
  } catch (error) {
    onError(error);
    const told = error instanceof Error ? error.message : String(error);
    return {
      messageId,
      error: {
        ...(error instanceof LongshoreError && { code: error.code }),
        message: told.toWellFormed().replaceAll('\u0000', '').slice(0, 2_000) || 'failed',
      },
    };
  }
};

/** Throws INVALID_INPUT for what the server would refuse, together with all that is sent beside it. */
export const requireSendable = (value: unknown, field = 'reply'): JsonValue => {
  const fault = findJsonFault(value);
  const told = fault?.message ?? (storedBytesOf(value) > limits.messageBytesMax ? tooLarge : undefined);
  if (told === undefined) return value as JsonValue;
  throw new LongshoreError('INVALID_INPUT', `${field}: ${told}`, {
    field: [field, ...(fault?.path ?? [])].join('.'),
  });
};

const tooLarge = `is more than ${limits.messageBytesMax} bytes of JSON`;
