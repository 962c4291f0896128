/** The one channel. Payloads are short and name ids only: notifications are visible to every role of the database. */
export const noticeChannel = 'longshore';

/**
 * `wake`: jobs of these orgs may have become available. `changed`: what is remembered of their keys, workers and sessions
 * may be wrong by now. `sender` tells a process its own notices, and is `sql` for the SQL door.
 */
export interface Notice {
  type: 'wake' | 'changed';
  sender: string;
  orgIds: number[];
}

/** Org ids in one notice at most, so that the payload stays far below PostgreSQL's 8,000 bytes. */
export const noticeOrgsMax = 600;

/** `wake:<sender>:1,2,3` */
export const formatNotice = ({ type, sender, orgIds }: Notice): string =>
  `${type}:${sender}:${orgIds.slice(0, noticeOrgsMax).join(',')}`;

/**
 * null for a payload that this version does not know. Whoever is connected to the database may notify: no payload counts for
 * more orgs than one of ours could name, and each of them once.
 */
export const parseNotice = (payload: string): Notice | null => {
  const match = /^(wake|changed):(\w+):(\d{1,10}(?:,\d{1,10})*)$/.exec(payload);
  if (!match) return null;
  const [, type, sender, list] = match;
  const orgIds = [...new Set(list!.split(',').map(Number))].slice(0, noticeOrgsMax);
  return { type: type as Notice['type'], sender: sender!, orgIds };
};
