import {
  type AcknowledgeInput,
  defaults,
  type InboxInput,
  type InboxPage,
  type JsonValue,
  limits,
  type MessageError,
  type MessageRecord,
  type SendMessagesInput,
  type SentMessage,
  type WorkerSendInput,
} from '@longshore/contract';
import { sql } from 'kysely';
import { type Actor, appendAudit, nameOfActor } from './audit.ts';
import type { Database } from './connect.ts';
import { readMessages } from './message-reads.ts';
import { inOrg } from './org-scope.ts';
import { query } from './query.ts';

/** How somebody answered a message. */
export interface MessageAnswer {
  reply: JsonValue;
  error: MessageError | null;
}

/** The box of each worker process, in both directions. */
export interface Messages {
  /**
   * One message for each open session that the target names, and one row in the audit log. Throws NOT_FOUND when a worker or
   * session that was named has none open, INVALID_STATE when one of them has too many messages waiting.
   */
  send(orgId: number, actor: Actor, input: SendMessagesInput): Promise<SentMessage[]>;
  /** The first word on a message counts. */
  acknowledge(orgId: number, sessionId: string, items: AcknowledgeInput['items']): Promise<void>;
  /** Those of these messages that there are, oldest first. */
  read(orgId: number, messageIds: string[]): Promise<MessageRecord[]>;
  /** What workers told the server, newest first. */
  inbox(orgId: number, filter: InboxInput): Promise<InboxPage>;
  /**
   * Keeps what a session tells, once by its id; answers what was answered before, null when nothing was. Throws CONFLICT for the
   * id of another message, INVALID_STATE when too many of the session wait unread.
   */
  receive(orgId: number, message: WorkerSendInput): Promise<MessageAnswer | null>;
  /** Answers a message of a worker; the first answer counts, and is returned. */
  answer(orgId: number, messageId: string, answer: MessageAnswer): Promise<MessageAnswer>;
  /** Those of these sessions, of any org, that should beat now; see migrations/functions/sessions_with_news.sql. */
  sessionsWithNews(sessions: { orgId: number; id: string }[], slackSeconds: number): Promise<string[]>;
}

export const createMessages = (db: Database): Messages => ({
  send: (orgId, actor, { to, type, body = null, expiresInSeconds = defaults.messageSeconds }) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await sql<{ id: string; session_id: string; worker_id: string }>`
        select * from longshore.send_messages(
          ${orgId}, ${JSON.stringify(toStored(to))}, ${type}, ${JSON.stringify(body)}, ${expiresInSeconds},
          ${limits.messagesWaitingMax}, ${nameOfActor(actor)}
        )`.execute(transaction);
      const [target = '*'] = Object.values(to).filter((value) => typeof value === 'string');
      await appendAudit(transaction, orgId, actor, {
        action: 'workers.send',
        target,
        after: { to, type, messages: rows.length },
      });
      return rows.map(({ id, session_id, worker_id }) => ({
        id,
        sessionId: session_id,
        workerId: worker_id,
      }));
    }),

  acknowledge: async (orgId, sessionId, items) => {
    const given = items.map(({ messageId, reply, error }) => ({ id: messageId, reply, error }));
    await query(db.pool, 'select longshore.acknowledge_messages($1, $2, $3)', [
      orgId,
      sessionId,
      JSON.stringify(given),
    ]);
  },

  ...readMessages(db),

  receive: async (orgId, { messageId, sessionId, type, body = null }) => {
    const [row] = await query<MessageAnswer & { is_acknowledged: boolean }>(
      db.pool,
      'select * from longshore.receive_message($1, $2, $3, $4, $5, $6, $7)',
      [
        orgId,
        messageId,
        sessionId,
        type,
        JSON.stringify(body),
        limits.messageSecondsMax,
        limits.messagesWaitingMax,
      ],
    );
    return row?.is_acknowledged ? { reply: row.reply, error: row.error } : null;
  },

  answer: async (orgId, messageId, { reply, error }) => {
    const [row] = await query<MessageAnswer>(
      db.pool,
      'select * from longshore.answer_message($1, $2, $3, $4)',
      [orgId, messageId, JSON.stringify(reply), error && JSON.stringify(error)],
    );
    return row ?? { reply, error };
  },

  sessionsWithNews: async (sessions, slackSeconds) => {
    const rows = await query<{ id: string }>(
      db.pool,
      'select id from longshore.sessions_with_news($1, $2, $3)',
      [sessions.map(({ orgId }) => orgId), sessions.map(({ id }) => id), slackSeconds],
    );
    return rows.map(({ id }) => id);
  },
});

const toStored = ({ sessionId, workerId, ...rest }: SendMessagesInput['to']): object => ({
  session_id: sessionId,
  worker_id: workerId,
  ...rest,
});
