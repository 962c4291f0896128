import {
  type CompleteItem,
  type ErrorBody,
  type FailItem,
  type FinishAnswer,
  LongshoreError,
  type ReportItem,
  type SnoozeItem,
} from '@longshore/contract';
import { toLongshoreError } from '../error-answer.ts';
import type { EngineCalls } from './engine-calls.ts';
import type { Message } from './frames.ts';
import type { HeldJobs } from './held-jobs.ts';
import type { Outbox } from './outbox.ts';

interface Verb {
  /** The worker lets go of the job. */
  isLast: boolean;
  call(calls: EngineCalls, item: Item): Promise<{ answers: FinishAnswer[] }>;
}

/** An item of a batch: the procedure checks the rest of its fields. */
type Item = { id: string; leaseToken: string } & Record<string, unknown>;

const verbs = new Map<string, Verb>([
  [
    'work_complete',
    { isLast: true, call: (calls, item) => calls.complete({ items: [item as CompleteItem] }) },
  ],
  [
    'work_failed',
    {
      isLast: true,
      call: (calls, { error, ...item }) =>
        calls.fail({ items: [{ ...item, error: writeError(error) } as FailItem] }),
    },
  ],
  ['work_release', { isLast: true, call: (calls, item) => calls.release({ items: [item] }) }],
  [
    'work_snooze',
    { isLast: true, call: (calls, item) => calls.snooze({ items: [item as SnoozeItem & Item] }) },
  ],
  ['work_progress', { isLast: false, call: (calls, item) => calls.report({ items: [item as ReportItem] }) }],
  [
    'work_output',
    {
      isLast: false,
      call: (calls, { stream = 'log', text, ...item }) =>
        calls.report({ items: [{ ...item, output: [{ stream, text }] } as ReportItem] }),
    },
  ],
]);

/** A plain text is the message of the error. */
const writeError = (error: unknown): unknown => (typeof error === 'string' ? { message: error } : error);

export const isJobMessage = ({ type }: Message): boolean => verbs.has(type);

export interface JobMessagesOptions {
  calls: EngineCalls;
  held: HeldJobs;
  outbox: Outbox;
}

/**
 * Does what a message says of a job that its worker holds, and answers what came of it: `work_ack` for one that was let go,
 * `error` for a refusal. Throws UNAUTHENTICATED and SESSION_LOST, which end the connection.
 */
export const handleJobMessage = async (
  { calls, held, outbox }: JobMessagesOptions,
  { type: action, requestId: given, ...fields }: Message,
): Promise<void> => {
  const requestId = typeof given === 'string' ? given.toLowerCase() : '';
  await held.inTurn(requestId, async () => {
    try {
      const lease = held.leaseOf(requestId);
      if (!lease) throw notHeld();
      const { isLast, call } = verbs.get(action)!;
      const [answer] = (await call(calls, { ...fields, ...lease })).answers;
      if (answer!.ok || answer!.error.code === 'LEASE_LOST') if (isLast || !answer!.ok) held.drop(lease);
      if (!answer!.ok) throw LongshoreError.fromBody(answer!.error);
      if (isLast) outbox.send({ type: 'work_ack', requestId, action, state: answer!.state });
    } catch (thrown) {
      const error = toLongshoreError(thrown);
      outbox.send({ type: 'error', action, requestId, error: bodyOf(error) });
      if (endsConnection(error)) throw error;
    }
  });
};

/** The worker knows nothing of the batch of one that its message became. */
const bodyOf = (error: LongshoreError): ErrorBody => {
  const { message, field, ...body } = error.toBody();
  const unwrap = (text: string): string => text.replace('items[0].', '');
  return { ...body, message: unwrap(message), ...(field !== undefined && { field: unwrap(field) }) };
};

/** A refusal that no other message would escape. */
export const endsConnection = ({ code }: LongshoreError): boolean =>
  code === 'UNAUTHENTICATED' || code === 'SESSION_LOST';

const notHeld = (): LongshoreError =>
  new LongshoreError('LEASE_LOST', 'this connection holds no job of this id', {
    field: 'requestId',
    hint: 'It was finished, given to another worker, or never this one’s. Stop working on it.',
  });
