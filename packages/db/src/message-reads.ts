import type { InboxMessage, MessageRecord } from '@longshore/contract';
import { sql } from 'kysely';
import type { Database } from './connect.ts';
import type { Messages } from './messages.ts';
import { readAs } from './org-scope.ts';

/** What became of messages. */
export const readMessages = (db: Database): Pick<Messages, 'read' | 'inbox'> => {
  const messages = (orgId: number) =>
    db.kysely
      .selectFrom('longshore.worker_messages as messages')
      .leftJoin('longshore.worker_sessions as sessions', (join) =>
        join
          .onRef('sessions.org_id', '=', 'messages.org_id')
          .onRef('sessions.id', '=', 'messages.session_id'),
      )
      .select([
        'messages.id',
        'messages.session_id',
        'messages.worker_id',
        'messages.type',
        'messages.body',
        'messages.created_at',
        'messages.expires_at',
        'messages.acknowledged_at',
        'messages.reply',
        'messages.error',
        sql<MessageRecord['state']>`case
          when messages.error is not null then 'failed'
          when messages.acknowledged_at is not null then 'done'
          when messages.expires_at <= longshore.now() then 'expired'
          when messages.direction = 'to_worker' and (sessions.id is null or sessions.ended_at is not null) then 'expired'
          else 'waiting'
        end`.as('state'),
      ])
      .where('messages.org_id', '=', orgId);

  return {
    read: async (orgId, messageIds) => {
      const rows = await readAs(
        db,
        orgId,
        messages(orgId).where('messages.id', 'in', messageIds).orderBy('messages.id'),
      );
      return rows.map((row) => {
        const { body: _, ...record } = toMessage(row);
        return record;
      });
    },

    inbox: async (orgId, { type, limit = 100, cursor }) => {
      let page = messages(orgId)
        .where('messages.direction', '=', 'to_server')
        .orderBy('messages.id', 'desc')
        .limit(limit + 1);
      if (type !== undefined) page = page.where('messages.type', '=', type);
      if (cursor !== undefined) page = page.where('messages.id', '<', cursor);
      const found = (await readAs(db, orgId, page)).map(toMessage);
      const shown = found.slice(0, limit);
      return { messages: shown, nextCursor: found.length > limit ? shown.at(-1)!.id : null };
    },
  };
};

interface MessageRow extends Pick<InboxMessage, 'id' | 'type' | 'state' | 'reply' | 'error' | 'body'> {
  session_id: string;
  worker_id: string;
  created_at: Date;
  expires_at: Date;
  acknowledged_at: Date | null;
}

const toMessage = (row: MessageRow): InboxMessage => ({
  id: row.id,
  sessionId: row.session_id,
  workerId: row.worker_id,
  type: row.type,
  state: row.state,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  reply: row.reply,
  error: row.error,
  body: row.body,
});
