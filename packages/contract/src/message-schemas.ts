import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { jobId } from './job-schemas.ts';
import { type JsonValue, jsonValue, storedBytesOf, text } from './json-value.ts';
import { limits } from './limits.ts';

const name = text(limits.nameCharsMax);
const id = z.uuid().toLowerCase();
const waitSeconds = z.number().min(0).max(limits.waitSecondsMax);
const body = jsonValue.refine(
  (value) => storedBytesOf(value) <= limits.messageBytesMax,
  `must be at most ${limits.messageBytesMax} bytes of JSON`,
);
const nothing = z.union([z.null(), z.strictObject({})]).optional();

export const workerLogLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type WorkerLogLevel = (typeof workerLogLevels)[number];

/** What every worker process understands, with the body that each takes. All other types are the application's own. */
export const builtInMessages = {
  /** Claims nothing more; what runs is finished, what has not started goes back. */
  drain: nothing,
  /** Claims again. */
  resume: nothing,
  /** How many handlers run at the same time from now on. */
  setConcurrency: z.strictObject({ concurrency: z.int().min(1).max(limits.heldJobsMax) }),
  /** Cancels those of the jobs that the process runs. */
  cancel: z.strictObject({ jobIds: z.array(jobId).min(1).max(limits.batchJobsMax) }),
  /** How much the process logs from now on. */
  logLevel: z.strictObject({ level: z.enum(workerLogLevels) }),
} as const;
export type BuiltInMessage = keyof typeof builtInMessages;

/** Whether every worker process understands messages of this type, so that no application may handle them. */
export const isBuiltInMessage = (type: string): type is BuiltInMessage =>
  Object.hasOwn(builtInMessages, type);

/** One of: a process, all processes of a worker, all that have a capability, all that serve a kind, all. */
export const messageTarget = z
  .strictObject({
    sessionId: id.optional(),
    workerId: id.optional(),
    capability: name.optional(),
    kind: name.optional(),
    all: z.literal(true).optional(),
  })
  .refine(
    (target) => Object.values(target).filter((value) => value !== undefined).length === 1,
    'must name exactly one of sessionId, workerId, capability, kind and all',
  );
export type MessageTarget = z.infer<typeof messageTarget>;

export const sendMessagesInput = z
  .strictObject({
    to: messageTarget,
    type: name,
    /** Default null. */
    body: body.optional(),
    /** What has not been taken by then never is. Default 300. */
    expiresInSeconds: z.number().min(1).max(limits.messageSecondsMax).optional(),
  })
  .superRefine((message, context) => {
    if (!isBuiltInMessage(message.type)) return;
    const read = builtInMessages[message.type].safeParse(message.body);
    for (const issue of read.error?.issues ?? [])
      context.addIssue({ code: 'custom', path: ['body', ...issue.path], message: issue.message });
  });
export type SendMessagesInput = z.infer<typeof sendMessagesInput>;

/** One for each process that the message is for. */
export interface SentMessage {
  id: string;
  sessionId: string;
  workerId: string;
}

export const readMessagesInput = z.strictObject({ messageIds: z.array(id).min(1).max(limits.listMax) });
export const inboxInput = z.strictObject({
  type: name.optional(),
  limit: z.int().min(1).max(limits.listMax).optional(),
  /** The `nextCursor` of the page before. */
  cursor: id.optional(),
});
export type InboxInput = z.infer<typeof inboxInput>;

/** Why whoever got a message could not do it. */
export type MessageError = Pick<ErrorBody, 'message'> & { code?: string };

/** `waiting` until it is acknowledged: `done`, or `failed` with an error. `expired`: too late, or its process is gone. */
export type MessageState = 'waiting' | 'done' | 'failed' | 'expired';

export interface MessageRecord {
  id: string;
  sessionId: string;
  workerId: string;
  type: string;
  state: MessageState;
  createdAt: string;
  expiresAt: string;
  acknowledgedAt: string | null;
  reply: JsonValue;
  error: MessageError | null;
}

/** What a worker told the server. */
export type InboxMessage = MessageRecord & { body: JsonValue };

export interface InboxPage {
  /** Newest first. */
  messages: InboxMessage[];
  nextCursor: string | null;
}

/** As a heartbeat's answer carries it. */
export interface DeliveredMessage {
  id: string;
  type: string;
  body: JsonValue;
}

export const listenInput = z.strictObject({ sessionId: id, waitSeconds: waitSeconds.optional() });

export const acknowledgeInput = z.strictObject({
  sessionId: id,
  items: z
    .array(
      z.strictObject({
        messageId: id,
        reply: body.optional(),
        /** It could not be done. */
        error: z.strictObject({ code: name.optional(), message: text(2_000) }).optional(),
      }),
    )
    .min(1)
    .max(limits.batchJobsMax),
});
export type AcknowledgeInput = z.infer<typeof acknowledgeInput>;

export const workerSendInput = z.strictObject({
  sessionId: id,
  /** Chosen by the worker, so that a repetition is known as one. */
  messageId: id,
  type: name,
  body: body.optional(),
});
export type WorkerSendInput = z.infer<typeof workerSendInput>;

/** `isHandled` is false when no handler takes such messages: then it is kept for `workers.inbox`. */
export interface WorkerSendAnswer {
  isHandled: boolean;
  reply: JsonValue;
}
