import type { SessionInfo } from '@longshore/contract';
import { type Column, renderTable } from './render-table.ts';

/** Worker processes, one a line, with how they are and what they run. */
export const renderSessions = (sessions: readonly SessionInfo[]): string => renderTable(columns, sessions);

const columns: Column<SessionInfo>[] = [
  { title: 'SESSION', read: ({ sessionId }) => sessionId },
  { title: 'WORKER', read: ({ workerName }) => workerName },
  { title: 'STATE', read: ({ state }) => state },
  {
    title: 'RUNNING',
    align: 'right',
    read: ({ runningJobs, concurrency }) => `${runningJobs}/${concurrency}`,
  },
  { title: 'BY CATEGORY', read: (session) => renderUse(session) },
  { title: 'HAS', read: ({ capabilities }) => capabilities.join(',') || null },
  { title: 'HOST', read: ({ host }) => host },
  { title: 'PID', align: 'right', read: ({ pid }) => pid },
  { title: 'VERSION', read: ({ version }) => version },
  { title: 'SDK', read: ({ sdkVersion }) => sdkVersion },
  { title: 'LAST HEARTBEAT', read: ({ lastHeartbeatAt }) => lastHeartbeatAt },
];

/** `inference=2/5 mail=1`: what runs, of what is allowed. */
const renderUse = ({ runningByCategory, categoryLimits }: SessionInfo): string | null => {
  const categories = new Set([...Object.keys(categoryLimits), ...Object.keys(runningByCategory)]);
  const uses = [...categories].map((category) => {
    const limit = categoryLimits[category];
    return `${category}=${runningByCategory[category] ?? 0}${limit === undefined ? '' : `/${limit}`}`;
  });
  return uses.join(' ') || null;
};
