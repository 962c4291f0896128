import {
  type ErrorCode,
  errorCodes,
  type JsonValue,
  LongshoreError,
  type MessageRecord,
  type SendMessagesInput,
} from '@longshore/contract';
import type { ApiClient } from '../api-client.ts';
import { pause } from '../retry-policy.ts';

export interface RequestOptions {
  /** How long to wait for all replies. Default 30. */
  timeoutSeconds?: number | undefined;
}

/** What one worker process replied. */
export interface Reply {
  messageId: string;
  sessionId: string;
  workerId: string;
  reply: JsonValue;
}

const pollMsMin = 50;
const pollMsMax = 1_000;

/**
 * Sends a message and waits until every process it is for has done it. Rejects with what the first of them refused it for
 * (INVALID_STATE where that has no code of Longshore's), NOT_FOUND when a process ended or the message expired before it was done, and TIMEOUT.
 */
export const requestWorkers = async (
  api: ApiClient,
  message: SendMessagesInput,
  { timeoutSeconds = 30 }: RequestOptions = {},
): Promise<Reply[]> => {
  const untilMs = performance.now() + timeoutSeconds * 1_000;
  const { messages: sent } = await api.workers.send(message, { retries: 'never' });
  const replies = new Map<string, Reply>();
  for (let pollMs = pollMsMin; replies.size < sent.length; pollMs = Math.min(pollMs * 2, pollMsMax)) {
    if (performance.now() > untilMs) throw tooLate(sent.length - replies.size, timeoutSeconds);
    await pause(pollMs);
    const waiting = sent.map(({ id }) => id).filter((id) => !replies.has(id));
    const { messages } = await api.workers.messages({ messageIds: waiting.slice(0, 1_000) });
    for (const record of messages) if (isDone(record)) replies.set(record.id, toReply(record));
  }
  return sent.map(({ id }) => replies.get(id)!);
};

/** Throws for a message that will never be done. */
const isDone = ({ state, error, type }: MessageRecord): boolean => {
  if (state === 'failed') throw new LongshoreError(codeOf(error?.code), error?.message ?? 'failed');
  if (state === 'expired')
    throw new LongshoreError('NOT_FOUND', `no process took the ${type} in time, or it has ended`);
  return state === 'done';
};

const codeOf = (code: string | undefined): ErrorCode =>
  code !== undefined && isErrorCode(code) ? code : 'INVALID_STATE';

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

const toReply = ({ id, sessionId, workerId, reply }: MessageRecord): Reply => ({
  messageId: id,
  sessionId,
  workerId,
  reply,
});

const tooLate = (missing: number, seconds: number): LongshoreError =>
  new LongshoreError('TIMEOUT', `${missing} replies did not come within ${seconds} s`, {
    hint: 'The message stays until it expires: workers.messages tells what became of it.',
  });
