import {
  type ErrorCode,
  errorCodes,
  type JsonValue,
  LongshoreError,
  type MessageError,
  type WorkerSendAnswer,
  type WorkerSendInput,
} from '@longshore/contract';
import type { MessageAnswer, Messages, Session } from '@longshore/db';

/** The process that a message came from. */
export interface MessageSender {
  orgId: number;
  workerId: string;
  sessionId: string;
}

/** Takes a worker's message and answers it; nothing is an answer too. May be called again for a message whose answer was lost. */
export type WorkerMessageHandler = (
  worker: MessageSender,
  body: JsonValue,
) => JsonValue | undefined | Promise<JsonValue | undefined>;

/** The handlers of the program that the API runs in, by type of message. */
export type WorkerMessageHandlers = Readonly<Record<string, WorkerMessageHandler>>;

export interface WorkerMailOptions {
  messages: Pick<Messages, 'receive' | 'answer'>;
  handlers: WorkerMessageHandlers;
  /** Told of what a handler threw: the worker learns no more than that it did. */
  onError(error: unknown): void;
}

/** What workers tell the server. */
export interface WorkerMail {
  /** Keeps the message and has it handled. Throws what the handler's answer was when it refused, CONFLICT and INVALID_STATE. */
  take(session: Session, message: WorkerSendInput): Promise<WorkerSendAnswer>;
  /** Whether the program takes messages of this type. */
  handles(type: string): boolean;
}

export const createWorkerMail = ({ messages, handlers, onError }: WorkerMailOptions): WorkerMail => {
  const underWay = new Map<string, Promise<WorkerSendAnswer>>();

  const handle = async (session: Session, message: WorkerSendInput): Promise<MessageAnswer> => {
    const { messageId, type, body = null } = message;
    const sender = { orgId: session.orgId, workerId: session.workerId, sessionId: session.id };
    const answer = await answerOf(async () => (await handlers[type]!(sender, body)) ?? null, onError);
    return messages.answer(session.orgId, messageId, answer);
  };

  const take = async (session: Session, message: WorkerSendInput): Promise<WorkerSendAnswer> => {
    const known = await messages.receive(session.orgId, message);
    if (!known && !Object.hasOwn(handlers, message.type)) return { isHandled: false, reply: null };
    const { reply, error } = known ?? (await handle(session, message));
    if (error) throw toLongshoreError(error);
    return { isHandled: true, reply };
  };

  return {
    handles: (type) => Object.hasOwn(handlers, type),
    // A message that comes again while it is handled waits for the same answer.
    take: (session, message) => {
      const key = `${session.id} ${message.messageId}`;
      const known = underWay.get(key);
      if (known) return known;
      const taking = take(session, message).finally(() => underWay.delete(key));
      underWay.set(key, taking);
      return taking;
    },
  };
};

/** What the handler threw, as it was kept. */
const toLongshoreError = ({ code = '', message }: MessageError): LongshoreError =>
  new LongshoreError(Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL', message);

const answerOf = async (
  handle: () => Promise<JsonValue>,
  onError: (error: unknown) => void,
): Promise<MessageAnswer> => {
  try {
    return { reply: await handle(), error: null };
  } catch (error) {
    if (error instanceof LongshoreError)
      return { reply: null, error: { code: error.code, message: error.message.slice(0, 2_000) } };
    onError(error);
    return { reply: null, error: { message: 'the handler of this message failed' } };
  }
};
