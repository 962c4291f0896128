/** The one channel. Payloads are short and name ids only: notifications are visible to every role of the database. */
export const noticeChannel = 'longshore';

/** Jobs of these orgs may have become available. */
export interface Notice {
  type: 'wake';
  orgIds: number[];
}

/** `wake:1,2,3`, at most 900 org ids so that the payload stays far below PostgreSQL's 8,000 bytes. */
export const formatWake = (orgIds: number[]): string => `wake:${orgIds.slice(0, 900).join(',')}`;

/** null for a payload that this version does not know. */
export const parseNotice = (payload: string): Notice | null => {
  const match = /^wake:(\d+(?:,\d+)*)$/.exec(payload);
  return match ? { type: 'wake', orgIds: match[1]!.split(',').map(Number) } : null;
};
