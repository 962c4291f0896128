/** The one channel. Payloads are short and name ids only: notifications are visible to every role of the database. */
export const noticeChannel = 'longshore';

/** Jobs of these orgs may have become available. `sender` tells a process its own notices, and is `sql` for the SQL door. */
export interface Notice {
  type: 'wake';
  sender: string;
  orgIds: number[];
}

/** `wake:<sender>:1,2,3`, at most 900 org ids so that the payload stays far below PostgreSQL's 8,000 bytes. */
export const formatWake = (sender: string, orgIds: number[]): string =>
  `wake:${sender}:${orgIds.slice(0, 900).join(',')}`;

/** null for a payload that this version does not know. */
export const parseNotice = (payload: string): Notice | null => {
  const match = /^wake:(\w+):(\d+(?:,\d+)*)$/.exec(payload);
  return match ? { type: 'wake', sender: match[1]!, orgIds: match[2]!.split(',').map(Number) } : null;
};
