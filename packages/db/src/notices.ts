/** The one channel. Payloads are short and name ids only: notifications are visible to every role of the database. */
export const noticeChannel = 'longshore';

/**
 * `wake`: jobs of these orgs may have become available. `changed`: what is remembered of their keys, workers and sessions
 * may be wrong by now. `nudge`: these sessions should send a heartbeat, as its answer has news for them. `sender` tells a
 * process its own notices, and is `sql` for the SQL door.
 */
export type Notice =
  | { type: 'wake' | 'changed'; sender: string; orgIds: number[] }
  | { type: 'nudge'; sender: string; sessionIds: string[] };

/** Ids in one notice at most, so that the payload stays far below PostgreSQL's 8,000 bytes. */
export const noticeOrgsMax = 600;
export const noticeSessionsMax = 200;

/** `wake:<sender>:1,2,3`, `nudge:<sender>:<uuid>,<uuid>` */
export const formatNotice = (notice: Notice): string => {
  const ids =
    notice.type === 'nudge'
      ? notice.sessionIds.slice(0, noticeSessionsMax)
      : notice.orgIds.slice(0, noticeOrgsMax);
  return `${notice.type}:${notice.sender}:${ids.join(',')}`;
};

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ofOrgs = /^(wake|changed):(\w+):(\d{1,10}(?:,\d{1,10})*)$/;
const ofSessions = new RegExp(`^nudge:(\\w+):(${uuid}(?:,${uuid})*)$`);

/**
 * null for a payload that this version does not know. Whoever is connected to the database may notify: no payload counts for
 * more ids than one of ours could name, and each of them once.
 */
export const parseNotice = (payload: string): Notice | null => {
  const [, type, sender, orgs] = ofOrgs.exec(payload) ?? [];
  if (orgs) {
    const orgIds = [...new Set(orgs.split(',').map(Number))].slice(0, noticeOrgsMax);
    return { type: type as 'wake' | 'changed', sender: sender!, orgIds };
  }
  const [, nudger, sessions] = ofSessions.exec(payload) ?? [];
  if (!sessions) return null;
  const sessionIds = [...new Set(sessions.split(','))].slice(0, noticeSessionsMax);
  return { type: 'nudge', sender: nudger!, sessionIds };
};
