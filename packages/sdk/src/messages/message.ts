import type { JsonValue } from '@longshore/contract';
import { type InputOf, type OutputOf, readWith, type StandardSchemaV1 } from '../standard-schema.ts';

/** What a handler of messages knows beside the body. */
export interface MessageContext {
  /** The same however often the message is delivered. */
  readonly id: string;
}

/** A handler of one type of message, ready for `createWorker({ messages })`. */
export interface MessageHandler {
  /** Reads the body, runs the handler and checks its reply. Rejects with whatever went wrong. */
  perform(body: JsonValue, context: MessageContext): Promise<unknown>;
}

/** What a message carries and what it is answered. */
export interface MessageSpec<Input extends StandardSchemaV1, Reply extends StandardSchemaV1> {
  input: Input;
  /** Without it the reply may be any JSON, or nothing. */
  reply?: Reply;
}

/**
 * Binds a handler to the schemas of a message. Its reply goes back to whoever sent the message; when it throws, the message of
 * its error does.
 *
 * @example
 * createWorker({ ..., messages: { 'cache.clear': message({ input: z.object({ name: z.string() }) }, ({ name }) => clear(name)) } });
 */
export const message = <
  Input extends StandardSchemaV1,
  Reply extends StandardSchemaV1 = StandardSchemaV1<unknown, unknown>,
>(
  { input, reply }: MessageSpec<Input, Reply>,
  handle: (body: OutputOf<Input>, context: MessageContext) => InputOf<Reply> | Promise<InputOf<Reply>>,
): MessageHandler => ({
  perform: async (body, context) => {
    const answer = await handle((await readWith(input, body, 'body')) as OutputOf<Input>, context);
    if (reply) await readWith(reply, answer, 'reply');
    return answer;
  },
});
