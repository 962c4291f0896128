import {
  type BuiltInMessage,
  builtInMessages,
  type DeliveredMessage,
  isBuiltInMessage,
  LongshoreError,
  type WorkerLogLevel,
} from '@longshore/contract';
import type { MessageHandler } from './message.ts';

/** What the messages that every worker understands do to it. */
export interface WorkerControls {
  /** Resolves when no claim is under way. */
  drain(): Promise<void>;
  resume(): void;
  setConcurrency(concurrency: number): void;
  cancelJobs(jobIds: readonly string[]): void;
  setLogLevel(level: WorkerLogLevel): void;
}

/** By type: `{ 'cache.clear': message(...) }`. */
export type MessageHandlers = Readonly<Record<string, MessageHandler>>;

/**
 * Carries messages out: those that every worker understands one after the other, as they were sent, the application's own side
 * by side. Rejects with NOT_FOUND for a type that nobody handles.
 */
export const createMessagePerformer = (
  controls: WorkerControls,
  handlers: MessageHandlers,
): ((message: DeliveredMessage) => Promise<unknown>) => {
  let last: Promise<unknown> = Promise.resolve();

  return ({ id, type, body }) => {
    if (!isBuiltInMessage(type)) {
      if (Object.hasOwn(handlers, type)) return handlers[type]!.perform(body, { id });
      return Promise.reject(new LongshoreError('NOT_FOUND', `This worker has no handler for ${type}.`));
    }
    const done = last.then(() => steer(controls, type, body));
    last = done.catch(() => undefined);
    return done;
  };
};

const steer = async (controls: WorkerControls, type: BuiltInMessage, body: unknown): Promise<void> => {
  switch (type) {
    case 'drain':
      return controls.drain();
    case 'resume':
      return controls.resume();
    case 'setConcurrency':
      return controls.setConcurrency(builtInMessages[type].parse(body).concurrency);
    case 'cancel':
      return controls.cancelJobs(builtInMessages[type].parse(body).jobIds);
    case 'logLevel':
      return controls.setLogLevel(builtInMessages[type].parse(body).level);
  }
};

/** Throws INVALID_INPUT for a type that is not the application's to handle. */
export const requireOwnTypes = (handlers: MessageHandlers): void => {
  const taken = Object.keys(handlers).find(isBuiltInMessage);
  if (taken === undefined) return;
  throw new LongshoreError('INVALID_INPUT', `${taken} is a message that every worker understands already.`, {
    field: `messages.${taken}`,
  });
};
